import Reactions
import Recordings
import Text

extension Symptom {
    init(reading field: JSONField) throws(DocumentError) {
        var fields = try field.object()
        let kind = try fields.require("symptom").name(of: Kind.self)
        let loud = try fields.require("loud")
        let isEffect = try fields.require("effect").bool()
        let instant = Instant(nanoseconds: try fields.require("t_ns").integer())
        let place = try Place(taking: &fields)
        let suspects = try fields.require("strikes").strings()
        let evidence = try Evidence(taking: &fields)
        var signs: [LoudSign] = []
        for element in try fields.require("signs").elements() {
            signs.append(try LoudSign(reading: element))
        }
        var blame: Blame?
        if let field = try fields.require("blame").ifNotNull { blame = try Blame(reading: field) }
        try fields.finish()
        self.init(
            kind, place, at: instant, isEffect: isEffect, suspects: suspects, evidence: evidence,
            signs: signs, blame: blame)
        guard try loud.bool() == isLoud else {
            throw loud.error("a symptom is loud where \"signs\" has one, and only there")
        }
    }
}

extension Symptom.Place {
    fileprivate init(taking fields: inout JSONFields) throws(DocumentError) {
        let name = try fields.require("place")
        let word = try name.name(among: Self.names, noun: "place")
        let connectionField = try fields.require("connection")
        let messageField = try fields.require("message")
        let hasConnection = word != "probe" && word != "process"
        let hasMessage = word == "answer" || word == "connection"
        // A place without one says so.
        if !hasConnection, !connectionField.value.isNull {
            throw connectionField.error("a \(word) has no connection; write null")
        }
        if !hasMessage, !messageField.value.isNull {
            throw messageField.error("a \(word) has no message; write null")
        }
        let connection =
            hasConnection ? UInt32(try connectionField.count(in: 0...UInt64(UInt32.max))) : 0
        switch word {
        case "answer":
            let message = try messageField.count()
            self = .answer(
                connection: connection, attempt: try Self.attempt(&fields), message: message)
        case "push":
            self = .push(
                connection: connection, attempt: try Self.attempt(&fields),
                number: try fields.require("number").count())
        case "turn":
            self = .turn(
                connection: connection, attempt: try Self.attempt(&fields),
                number: try fields.require("number").count())
        case "connection":
            self = .connection(connection, message: try messageField.ifNotNull?.count())
        case "probe": self = .probe(try fields.require("probe").string())
        default: self = .process
        }
    }

    private static func attempt(_ fields: inout JSONFields) throws(DocumentError) -> UInt16 {
        UInt16(try fields.require("attempt").count(in: 0...UInt64(UInt16.max)))
    }
}

extension Symptom.Evidence {
    fileprivate init(taking fields: inout JSONFields) throws(DocumentError) {
        switch try fields.require("evidence").name(among: Self.names, noun: "kind of evidence") {
        case "bytes":
            let expected = try fields.require("expected").bytes()
            let actual = try fields.require("actual").bytes()
            self = .bytes(
                Difference(
                    offset: try fields.require("differs_at").count(),
                    excerptOffset: try fields.require("excerpt_at").count(), expected: expected,
                    actual: actual, expectedBytes: try fields.require("expected_bytes").count()))
        case "missing":
            let expected = try fields.require("expected").bytes()
            let actual = try fields.require("actual")
            guard actual.value.isNull else {
                throw actual.error("nothing came of what is missing; write null")
            }
            self = .missing(
                expected: expected, expectedBytes: try fields.require("expected_bytes").count())
        case "lateness":
            self = .lateness(
                serviceNanoseconds: try fields.require("service_ns").integer(),
                limitNanoseconds: try fields.require("limit_ns").integer(),
                cleanP99Nanoseconds: try fields.require("clean_p99_ns").integer(),
                samples: try fields.require("clean_n").count())
        case "exit-code":
            self = .exitCode(
                expected: try Self.code(try fields.require("expected")),
                actual: try Self.code(try fields.require("actual")))
        case "resent":
            self = .resent(
                times: try fields.require("times").count(),
                request: try fields.require("request").bytes())
        default: self = .words(try fields.require("words").string())
        }
    }

    private static func code(_ field: JSONField) throws(DocumentError) -> Int32 {
        Int32(try field.integer(in: Int64(Int32.min)...Int64(Int32.max)))
    }
}

extension LoudSign {
    fileprivate init(reading field: JSONField) throws(DocumentError) {
        var fields = try field.object()
        let how = try fields.require("sign").name(of: How.self)
        let instant = Instant(nanoseconds: try fields.require("t_ns").integer())
        let text = try fields.require("text").string()
        try fields.finish()
        self.init(how, at: instant, text)
    }
}

extension Blame {
    fileprivate init(reading field: JSONField) throws(DocumentError) {
        var fields = try field.object()
        let strikes = try fields.require("strikes").strings()
        let with = try Count(reading: try fields.require("with"))
        let without = try Count(reading: try fields.require("without"))
        let settled = try fields.require("settled")
        let notes = try fields.require("notes").strings()
        try fields.finish()
        self.init(strikes: strikes, with: with, without: without, notes: notes)
        guard try settled.bool() == isSettled else {
            throw settled.error("it is settled where it shows always with, and never without them")
        }
    }
}

extension Blame.Count {
    /// `3/3`
    fileprivate init(reading field: JSONField) throws(DocumentError) {
        let text = try field.string()
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int32($0) }
        guard parts.count == 2, let shown = parts[0], let runs = parts[1], shown >= 0,
            shown <= runs, "\(shown)/\(runs)" == text
        else { throw field.error("this is no count of runs; write one like \"3/3\"") }
        self.init(Int(shown), of: Int(runs))
    }
}
