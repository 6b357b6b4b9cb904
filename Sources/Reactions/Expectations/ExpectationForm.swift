import Recordings
import Text

/// A form that expectations take: how it is written, what it means, and how it is read. The help,
/// the errors and the parser come from the one list.
package struct ExpectationForm: Sendable {
    /// `p99 < 200ms`
    package let example: String
    package let help: String
    /// The first words that it may begin with.
    let names: [String]
    let parse: @Sendable (inout ExpectationWords) throws(ExpectationError) -> Expectation.Claim

    package static let all: [ExpectationForm] = [
        ExpectationForm(
            example: "no failure",
            help: "no failure (the default), silent failure, symptom, or symptom of a kind",
            names: ["no"]
        ) { words throws(ExpectationError) in
            .no(try words.bad())
        },
        ExpectationForm(
            example: "answers = baseline",
            help: "answers (with pushes and what comes unasked) or probes as in the clean runs",
            names: Expectation.Compared.allCases.map(\.rawValue)
        ) { words throws(ExpectationError) in
            let compared = words.first == "probes" ? Expectation.Compared.probes : .answers
            try words.take(operator: ["="])
            try words.take(["baseline"])
            return .sameAsBaseline(compared)
        },
        ExpectationForm(
            example: "p99 < 200ms",
            help: "service times: p50, p90, p99, max; `p99 of GET < 5ms` for one kind of message",
            names: Expectation.Time.allCases.map(\.rawValue)
        ) { words throws(ExpectationError) in
            let time = Expectation.Time(rawValue: words.first) ?? .max
            let kind = words.kind()
            let relation = try words.relation()
            return .time(time, kind: kind, relation, try words.amount())
        },
        ExpectationForm(
            example: "errors <= 3",
            help: "error answers, retries (with --listen), closes, or symptoms of a kind",
            names: ["errors", "retries", "closes"] + Symptom.Kind.allCases.map(\.rawValue)
        ) { words throws(ExpectationError) in
            let counted: Expectation.Counted =
                switch words.first {
                case "errors": .errors
                case "retries": .retries
                case "closes": .closes
                default: .kind(Symptom.Kind(rawValue: words.first) ?? .inconsistent)
                }
            let relation = try words.relation()
            return .count(counted, relation, try words.number())
        },
        ExpectationForm(
            example: "recovers within 5s",
            help: "recovers (what went wrong was over by then), reconnects (with --listen)",
            names: Expectation.Span.allCases.map(\.rawValue)
        ) { words throws(ExpectationError) in
            let span = Expectation.Span(rawValue: words.first) ?? .recovers
            try words.take(["within"])
            return .within(span, try words.amount())
        },
    ]
}

extension Expectation {
    /// A longer one is refused.
    package static let maximumBytes = 200

    package init(parsing text: String) throws(ExpectationError) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw ExpectationError(message: "an expectation is at most \(Self.maximumBytes) bytes")
        }
        var words = ExpectationWords(text)
        let names = ExpectationForm.all.flatMap(\.names)
        guard let form = ExpectationForm.all.first(where: { $0.names.contains(words.first) })
        else {
            let examples = ExpectationForm.all.map { "\"\($0.example)\"" }
            throw words.error(
                "no expectation begins with \"\(EscapedText(words.first, limit: 40))\"",
                near: nearest(words.first, among: names),
                orElse: "write one like \(examples.joined(separator: ", "))")
        }
        let claim = try form.parse(&words)
        try words.end()
        self.init(description: text, claim: claim)
    }
}

/// The words of an expectation, one after the other.
struct ExpectationWords {
    private let text: String
    private let words: [String]
    private var place = 1

    init(_ text: String) {
        self.text = text
        words = Self.split(text)
    }

    /// The word with which it begins.
    var first: String { words.first ?? "" }

    private static let signs: Set<Character> = ["<", ">", "="]

    /// Words and operators; these need no space around them.
    private static func split(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        for character in text {
            let isSign = signs.contains(character)
            let goesOn = word.last.map { signs.contains($0) == isSign } ?? true
            if character == " " || character == "\t" || !goesOn {
                if !word.isEmpty { words.append(word) }
                word = ""
            }
            if character != " " && character != "\t" { word.append(character) }
        }
        return word.isEmpty ? words : words + [word]
    }

    private mutating func next() -> String? {
        guard place < words.count else { return nil }
        place += 1
        return words[place - 1]
    }

    mutating func take(_ wanted: [String]) throws(ExpectationError) {
        let word = next() ?? ""
        guard !wanted.contains(word) else { return }
        throw wants(wanted, not: word)
    }

    mutating func take(operator wanted: [String]) throws(ExpectationError) { try take(wanted) }

    mutating func relation() throws(ExpectationError) -> Expectation.Relation {
        let word = next() ?? ""
        guard let relation = Expectation.Relation(rawValue: word) else {
            throw wants(Expectation.Relation.allCases.map(\.rawValue), not: word)
        }
        return relation
    }

    mutating func amount() throws(ExpectationError) -> TimeAmount {
        let word = next() ?? ""
        do {
            return try TimeAmount(parsing: word)
        } catch {
            throw self.error("\(error)", near: nil, orElse: "write a time like 200ms")
        }
    }

    mutating func number() throws(ExpectationError) -> UInt64 {
        let word = next() ?? ""
        guard !word.isEmpty, word.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = UInt64(word)
        else {
            throw error(
                "\"\(EscapedText(word, limit: 40))\" is no whole number", near: nil,
                orElse: "write one like 3")
        }
        return number
    }

    /// `of GET`; nil where there is none.
    mutating func kind() -> String? {
        guard place + 1 < words.count, words[place] == "of" else { return nil }
        place += 2
        return words[place - 1]
    }

    mutating func bad() throws(ExpectationError) -> Expectation.Bad {
        let word = next() ?? ""
        switch word {
        case "failure": return .failure
        case "symptom": return .symptom
        case "silent":
            try take(["failure"])
            return .silentFailure
        default: break
        }
        if let kind = Symptom.Kind(rawValue: word) { return .kind(kind) }
        let names = ["failure", "silent", "symptom"] + Symptom.Kind.allCases.map(\.rawValue)
        throw error(
            "nothing is called \"\(EscapedText(word, limit: 40))\"",
            near: nearest(word, among: names),
            orElse: "write no failure, no silent failure, no symptom, or no and one of "
                + Symptom.Kind.allCases.map(\.rawValue).joined(separator: ", "))
    }

    func end() throws(ExpectationError) {
        guard place < words.count else { return }
        throw error(
            "\"\(EscapedText(words[place], limit: 40))\" is too much", near: nil,
            orElse: "leave it out, or give --expect twice")
    }

    private func wants(_ wanted: [String], not word: String) -> ExpectationError {
        let found = word.isEmpty ? "at its end" : "not \"\(EscapedText(word, limit: 40))\""
        return error(
            "wants \(wanted.joined(separator: " or ")) here, \(found)", near: nil,
            orElse: "write it like \"\(example)\"")
    }

    private var example: String {
        ExpectationForm.all.first { $0.names.contains(first) }?.example ?? ""
    }

    func error(_ what: String, near: String?, orElse advice: String) -> ExpectationError {
        let next = near.map { "did you mean \"\($0)\"?" } ?? advice
        return ExpectationError(
            message: "expectation \"\(EscapedText(text, limit: 80))\": \(what); \(next)")
    }
}
