import Text

/// Messages from one to another, both included: `18`, `18-20`.
struct MessageRange: Hashable, Sendable, CustomStringConvertible {
    var range: ClosedRange<UInt64>

    init(_ range: ClosedRange<UInt64>) { self.range = range }

    init(reading text: String) throws(SettingProblem) {
        let ranges = try (quantity(text) as NumberRanges).ranges
        guard ranges.count == 1, ranges[0].upperBound < .max else {
            throw SettingProblem(
                message: "\"\(EscapedText(text, limit: 60))\" is not a message or a group; "
                    + "write it like \"18\" or \"18-20\"")
        }
        range = ranges[0]
    }

    var description: String {
        if range.upperBound == .max { return "\(range.lowerBound)-" }
        return range.lowerBound == range.upperBound
            ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
    }

    /// Reads what `list` writes: ranges that rise.
    static func list(reading text: String) throws(SettingProblem) -> [ClosedRange<UInt64>] {
        var ranges: [ClosedRange<UInt64>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let range = try MessageRange(reading: String(part)).range
            guard range.lowerBound > ranges.last?.upperBound ?? 0 else {
                throw SettingProblem(
                    message: "\(range.lowerBound) stands behind a larger number; "
                        + "write them in rising order, each once")
            }
            ranges.append(range)
        }
        return ranges
    }

    /// `15-17,20`; the empty text for none.
    static func list(_ ranges: [ClosedRange<UInt64>]) -> String {
        ranges.map { MessageRange($0).description }.joined(separator: ",")
    }
}
