/// Numbers from 1 on, as inclusive ranges: `3`, `1,4-6`, `10-`, `all`.
package struct NumberRanges: Quantity {
    /// In ascending order, with gaps between them.
    package let ranges: [ClosedRange<UInt64>]

    package static let all = NumberRanges(merging: [1...UInt64.max])
    package static let noun = "a list of numbers"
    package static let example = "1,4-6,10-"
    /// Ranges in one list.
    package static let mostRanges = 1_000

    private init(merging ranges: [ClosedRange<UInt64>]) {
        var merged: [ClosedRange<UInt64>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let last = merged.last, range.lowerBound - 1 <= last.upperBound else {
                merged.append(range)
                continue
            }
            let end = max(last.upperBound, range.upperBound)
            merged[merged.count - 1] = last.lowerBound...end
        }
        self.ranges = merged
    }

    package init(parsing text: String) throws(QuantityError) {
        guard text != "all" else {
            self = .all
            return
        }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= Self.mostRanges else {
            throw Self.error(text, "has more than \(Self.mostRanges) ranges")
        }
        var ranges: [ClosedRange<UInt64>] = []
        for part in parts { ranges.append(try Self.range(part, of: text)) }
        self.init(merging: ranges)
    }

    package var description: String {
        guard self != .all else { return "all" }
        return ranges.map { range in
            if range.lowerBound == range.upperBound { return "\(range.lowerBound)" }
            let end = range.upperBound == .max ? "" : "\(range.upperBound)"
            return "\(range.lowerBound)-\(end)"
        }.joined(separator: ",")
    }

    package func contains(_ number: UInt64) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].contains(number) { return true }
            if number < ranges[middle].lowerBound { high = middle } else { low = middle + 1 }
        }
        return false
    }

    private static func range(
        _ part: Substring, of text: String
    ) throws(QuantityError) -> ClosedRange<UInt64> {
        let bounds = part.split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count <= 2, !bounds[0].isEmpty,
            bounds.allSatisfy({ $0.utf8.allSatisfy(isDigit) })
        else { throw error(text, "is not a list of numbers") }
        let isOpen = bounds.count == 2 && bounds[1].isEmpty
        guard let first = UInt64(bounds[0]),
            let last = isOpen ? .max : UInt64(bounds[bounds.count - 1]),
            // The largest number stands for an open end.
            first < .max, isOpen || last < .max
        else { throw error(text, "has a number that is too large") }
        guard first > 0 else { throw error(text, "begins at 0", "numbers begin at 1") }
        guard first <= last else {
            throw error(text, "ends before it begins", "write \"\(last)-\(first)\"")
        }
        return first...last
    }
}
