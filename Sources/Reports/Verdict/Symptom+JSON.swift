import Reactions
import Recordings
import Text

/// A symptom's members. Bytes stand as escaped text, which can be read back.
///
/// ```json
/// {"symptom":"inconsistent","loud":false,"effect":true,"t_ns":123456789,"place":"answer",
///  "connection":3,"message":21,"attempt":1,"strikes":["redelivery@3u17"],"evidence":"bytes",
///  "expected":":5","actual":":6",…,"signs":[],"blame":{"strikes":[…],"with":"3/3",…}}
/// ```
extension Symptom {
    func writeMembers(to object: inout JSONWriter) {
        object.member("symptom", kind.rawValue)
        object.member("loud", isLoud)
        object.member("effect", isEffect)
        object.member("t_ns", instant.nanoseconds)
        place.writeMembers(to: &object)
        object.member("strikes", suspects)
        evidence.writeMembers(to: &object)
        object.member("signs", objects: signs) { sign, object in
            object.member("sign", sign.how.rawValue)
            object.member("t_ns", sign.instant.nanoseconds)
            object.member("text", sign.text)
        }
        guard let blame else {
            object.member("blame", String?.none)
            return
        }
        object.member("blame", object: { blame.writeMembers(to: &$0) })
    }
}

extension Symptom.Place {
    /// The word for it in files.
    var name: String {
        switch self {
        case .answer: "answer"
        case .push: "push"
        case .turn: "turn"
        case .connection: "connection"
        case .probe: "probe"
        case .process: "process"
        }
    }

    static let names = ["answer", "push", "turn", "connection", "probe", "process"]

    fileprivate func writeMembers(to object: inout JSONWriter) {
        object.member("place", name)
        object.member("connection", connection)
        object.member("message", message)
        switch self {
        case .answer(_, let attempt, _): object.member("attempt", attempt)
        case .push(_, let attempt, let number), .turn(_, let attempt, let number):
            object.member("attempt", attempt)
            object.member("number", number)
        case .probe(let name): object.member("probe", name)
        case .connection, .process: break
        }
    }
}

extension Symptom.Evidence {
    /// The word for it in files.
    var name: String {
        switch self {
        case .bytes: "bytes"
        case .missing: "missing"
        case .lateness: "lateness"
        case .exitCode: "exit-code"
        case .resent: "resent"
        case .words: "words"
        }
    }

    static let names = ["bytes", "missing", "lateness", "exit-code", "resent", "words"]

    fileprivate func writeMembers(to object: inout JSONWriter) {
        object.member("evidence", name)
        switch self {
        case .bytes(let difference):
            object.member("expected", EscapedText(difference.expected.span))
            object.member("actual", EscapedText(difference.actual.span))
            object.member("differs_at", difference.offset)
            object.member("excerpt_at", difference.excerptOffset)
            object.member("expected_bytes", difference.expectedBytes)
        case .missing(let expected, let bytes):
            object.member("expected", EscapedText(expected.span))
            object.member("actual", String?.none)
            object.member("expected_bytes", bytes)
        case .lateness(let service, let limit, let p99, let samples):
            object.member("service_ns", service)
            object.member("limit_ns", limit)
            object.member("clean_p99_ns", p99)
            object.member("clean_n", samples)
        case .exitCode(let expected, let actual):
            object.member("expected", expected)
            object.member("actual", actual)
        case .resent(let times, let request):
            object.member("times", times)
            object.member("request", EscapedText(request.span))
        case .words(let words): object.member("words", words)
        }
    }
}

extension Blame {
    fileprivate func writeMembers(to object: inout JSONWriter) {
        object.member("strikes", strikes)
        object.member("with", with.shortText)
        object.member("without", without.shortText)
        object.member("settled", isSettled)
        object.member("notes", notes)
    }
}

extension Blame.Count {
    /// `3/3`
    fileprivate var shortText: String { "\(shown)/\(runs)" }
}
