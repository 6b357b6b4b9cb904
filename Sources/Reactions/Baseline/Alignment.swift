/// Where two lists are equal and where they differ: a longest common subsequence, within limits.
struct Alignment {
    /// A stretch of either list that the other does not have; both are never empty.
    struct Hunk: Hashable {
        var expected: Range<Int>
        var actual: Range<Int>
    }

    /// The table of a comparison has at most so many cells. Beyond it what stands between the equal
    /// beginnings and the equal ends is one hunk: it says less, but nothing wrong.
    static let maximumCells = 1 << 20

    private(set) var hunks: [Hunk] = []

    /// - Parameter isEqual: whether an element of the one, by its index, equals one of the other.
    init(_ expected: Int, _ actual: Int, isEqual: (Int, Int) -> Bool) {
        var start = 0
        let shorter = min(expected, actual)
        while start < shorter, isEqual(start, start) { start += 1 }
        var tail = 0
        while tail < shorter - start, isEqual(expected - tail - 1, actual - tail - 1) { tail += 1 }
        let left = start..<(expected - tail)
        let right = start..<(actual - tail)
        guard !left.isEmpty || !right.isEmpty else { return }
        let cells = (left.count + 1).multipliedReportingOverflow(by: right.count + 1)
        guard !left.isEmpty, !right.isEmpty, !cells.overflow,
            cells.partialValue <= Self.maximumCells
        else {
            hunks = [Hunk(expected: left, actual: right)]
            return
        }
        align(left, right, isEqual)
    }

    /// The longest common subsequence from its table; of several the one whose pairs come first.
    private mutating func align(
        _ left: Range<Int>, _ right: Range<Int>, _ isEqual: (Int, Int) -> Bool
    ) {
        let width = right.count + 1
        // How long the longest one is from here to both ends.
        var lengths = [Int32](repeating: 0, count: (left.count + 1) * width)
        for row in stride(from: left.count - 1, through: 0, by: -1) {
            for column in stride(from: right.count - 1, through: 0, by: -1) {
                let cell = row * width + column
                let isPair = isEqual(left.lowerBound + row, right.lowerBound + column)
                lengths[cell] =
                    isPair
                    ? lengths[cell + width + 1] + 1 : max(lengths[cell + width], lengths[cell + 1])
            }
        }
        var (row, column) = (0, 0)
        var (hunkRow, hunkColumn) = (0, 0)
        func end() -> Hunk? {
            guard hunkRow < row || hunkColumn < column else { return nil }
            return Hunk(
                expected: (left.lowerBound + hunkRow)..<(left.lowerBound + row),
                actual: (right.lowerBound + hunkColumn)..<(right.lowerBound + column))
        }
        while row < left.count, column < right.count {
            let cell = row * width + column
            if isEqual(left.lowerBound + row, right.lowerBound + column) {
                if let hunk = end() { hunks.append(hunk) }
                row += 1
                column += 1
                (hunkRow, hunkColumn) = (row, column)
            } else if lengths[cell + width] >= lengths[cell + 1] {
                row += 1
            } else {
                column += 1
            }
        }
        (row, column) = (left.count, right.count)
        if let hunk = end() { hunks.append(hunk) }
    }
}
