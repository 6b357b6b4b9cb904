import Text

/// What a line of `reactions.jsonl` says, as far as reports of a kept run use it.
///
/// Read leniently: a line of a later version with more in it says the same, and what cannot be read
/// is counted by who asks.
struct ReactionFacts: Sendable {
    var type: String
    var nanoseconds: Int64
    var connection: UInt64
    var attempt: UInt64
    /// The message of an answer; the number of a push or a turn.
    var number: UInt64
    /// The how-many-eth answer to its message, from 0.
    var part: UInt64
    var copy: UInt64
    var kind: String
    /// nil: not compared.
    var compared: String?
    var bytes: UInt64
    var serviceNanoseconds: Int64?
    var isError: Bool
    var wasError: Bool
    var isUnasked: Bool
    var strike: String
    var differsAt: UInt64?
    /// Escaped text.
    var expected: String
    var actual: String

    /// nil where the line is no reaction.
    init?(_ line: [UInt8]) {
        guard let value = try? JSONReader.read(line, limits: JSONLimits(depth: 4, values: 200)),
            let type = value["type"]?.string
        else { return nil }
        func number(_ key: String) -> UInt64? { value[key]?.number?.uint64 }
        func text(_ key: String) -> String { value[key]?.string ?? "" }
        self.type = type
        nanoseconds = value["t_ns"]?.number?.int64 ?? 0
        connection = number("connection") ?? 0
        attempt = number("attempt") ?? 0
        self.number = number("message") ?? number("push") ?? number("turn") ?? 0
        part = number("part") ?? 0
        copy = number("copy") ?? 0
        kind = text("kind")
        compared = value["compared"]?.string
        bytes = number("bytes") ?? 0
        serviceNanoseconds = value["service_ns"]?.number?.int64
        isError = value["error"]?.bool ?? false
        wasError = value["recorded_error"]?.bool ?? false
        isUnasked = value["unasked"]?.bool ?? false
        strike = text("strike")
        differsAt = number("differs_at")
        expected = text("expected")
        actual = text("actual")
    }

    /// Whether it is an answer, a push or a turn: something that is compared.
    var isCompared: Bool { type == "answer" || type == "push" || type == "turn" }

    /// `connection 3, message 17, copy 1 (SET)`
    var place: String {
        var place = "connection \(connection)"
        if attempt > 1 { place += ", attempt \(attempt)" }
        place += type == "answer" ? ", message \(number)" : ", \(type) \(number)"
        if copy > 0 { place += ", copy \(copy)" }
        if !kind.isEmpty { place += " (\(PrintableText(kind, limit: 30)))" }
        return place
    }
}
