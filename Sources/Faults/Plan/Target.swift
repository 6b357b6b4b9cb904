import Recordings
import Text

/// Where a rule applies and how often.
package struct Target: Hashable, Sendable {
    /// nil: what Weir sends in a replay.
    package var direction: Direction?
    package var chance = Chance.always
    /// How much each roll resembles the one before it on its link; nil: not at all.
    package var correlation: Chance?
    /// Strikes in bursts, in place of the chance.
    package var burst: GilbertElliott?
    /// The first so many of its strikes in recorded order; nil: all.
    package var times: UInt64?
    /// The name of the route whose connections it is about; nil: those of all.
    package var route: String?
    /// nil: all.
    package var connections: NumberRanges?
    package var messages: NumberRanges?
    /// Only messages with these bytes in them.
    package var contains: BytePattern?
    /// Only messages whose first `MessageText.mostBytes` have a match.
    package var match: Pattern?
    /// Only messages that began in this stretch of the recording.
    package var window: TimeWindow?
    /// Whether handshakes and session state are struck too.
    package var state = StateChoice.spare
    package var units = MessageUnits.messages
    package var answers = AnswerChoice.paired

    package init() {}

    /// What becomes of handshakes and session state.
    package enum StateChoice: String, Hashable, Sendable, CaseIterable {
        case spare, include
    }

    /// What the client of live traffic sees of answers that a strike would have it pair wrongly.
    package enum AnswerChoice: String, Hashable, Sendable, CaseIterable {
        /// Those to copies are swallowed; the others come in the order of the client's requests.
        case paired
        /// All, as they come.
        case raw
    }

    /// In the order in which a plan file has them.
    package static let settings: [Setting<Target>] = [
        .amount("chance", \.chance, "how often: 1%, 1/20"),
        .optional(
            "correlation", \.correlation, "how much each roll resembles the one before it"),
        .custom(
            "burst", form: GilbertElliott.form,
            "in place of chance: to bad, back to good, strikes in bad (100%), in good (0%)",
            read: { (text, target) throws(SettingProblem) in
                target.burst = try GilbertElliott(reading: text)
            },
            write: { $0.burst?.description }),
        .optionalCount(
            "times", \.times, in: 1...UInt64.max, "only the first so many, in recorded order"),
        .custom(
            "direction", form: "upstream|downstream", "which way; what Weir sends, unless said",
            read: { (text, target) throws(SettingProblem) in
                guard let direction = Direction.allCases.first(where: { $0.name == text }) else {
                    throw unknownWord(text, Direction.allCases.map(\.name))
                }
                target.direction = direction
            },
            write: { $0.direction?.name }),
        .custom(
            "route", form: "NAME", "only connections of this route",
            read: { (text, target) throws(SettingProblem) in
                guard 1...longestRouteName ~= text.utf8.count else {
                    throw SettingProblem(
                        message: "the name of a route has 1 to \(longestRouteName) bytes; "
                            + "write one")
                }
                target.route = text
            },
            write: { $0.route }),
        .custom(
            "connections", form: "1,4-6", "only these connections",
            read: { (text, target) throws(SettingProblem) in
                let ranges = try quantity(text) as NumberRanges
                guard ranges.ranges.allSatisfy({ $0.lowerBound <= UInt64(UInt32.max) }) else {
                    throw SettingProblem(
                        message: "no connection has a number above \(UInt32.max); "
                            + "write a smaller one")
                }
                target.connections = ranges
            },
            write: { $0.connections?.description }),
        .optional("messages", \.messages, "only these messages of each connection"),
        .custom(
            "contains", form: "TEXT", #"only messages with these bytes: SET, \r\n, \x00"#,
            read: { (text, target) throws(SettingProblem) in
                target.contains = try BytePattern(reading: text)
            },
            write: { $0.contains?.description }),
        .custom(
            "match", form: "/PATTERN/", "only messages in which the pattern is found",
            read: { (text, target) throws(SettingProblem) in
                target.match = try pattern(reading: text)
            },
            write: { $0.match.map(written) }),
        .optional("window", \.window, "only this stretch of the recording"),
        .choice("state", \.state, "whether handshakes and session state are struck too"),
        .choice("units", \.units, "what a message is, for the whole plan"),
        .choice(
            "answers", \.answers,
            "in proxy: as if nothing was doubled or moved, or as they come (a violation)"),
    ]

    /// In bytes of UTF-8.
    package static let longestRouteName = 64
    /// Keys that are about single messages: conditions do not take them.
    static let strikesOnly: Set<String> = [
        "times", "contains", "match", "state", "correlation", "burst", "answers",
    ]

    private static func pattern(reading text: String) throws(SettingProblem) -> Pattern {
        guard text.hasPrefix("/"), text.hasSuffix("/"), text.utf8.count > 2 else {
            throw SettingProblem(
                message: "\"\(EscapedText(text, limit: 60))\" is not a pattern between slashes; "
                    + "write it like \"/SET \\d+/\"")
        }
        do throws(PatternError) {
            return try Pattern(parsing: String(text.dropFirst().dropLast()))
        } catch {
            throw SettingProblem(message: error.description)
        }
    }

    /// A quote is written as its byte: between quotes it would end the value.
    private static func written(_ pattern: Pattern) -> String {
        var text = ""
        var isEscaped = false
        for character in pattern.description {
            if character == "\"" {
                if isEscaped { text.removeLast() }
                text += "\\x22"
            } else {
                text.append(character)
            }
            isEscaped = character == "\\" && !isEscaped
        }
        return "/\(text)/"
    }

    /// Whether it is about messages and what is in them.
    var namesMessages: Bool { messages != nil || contains != nil || match != nil }

    /// The connections as a condition has them; empty: all.
    var connectionRanges: [ClosedRange<UInt32>] {
        guard let connections, connections != .all else { return [] }
        return connections.ranges.compactMap { range in
            guard let first = UInt32(exactly: range.lowerBound) else { return nil }
            return first...UInt32(clamping: range.upperBound)
        }
    }

    var messageRanges: [ClosedRange<UInt64>] {
        guard let messages, messages != .all else { return [] }
        return messages.ranges
    }
}
