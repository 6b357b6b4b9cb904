/// The numbers of connections that are over, as ranges: they end more or less in the order of their
/// numbers, so that many take no more room than few.
struct EndedConnections {
    /// Apart from each other, rising.
    private var ranges: [ClosedRange<UInt32>] = []

    /// Beyond so many ranges the lowest are forgotten.
    static let mostRanges = 65_536

    func contains(_ number: UInt32) -> Bool {
        let index = firstIndex(endingAtOrBehind: number)
        return index < ranges.count && ranges[index].contains(number)
    }

    mutating func insert(_ number: UInt32) {
        guard !contains(number) else { return }
        let index = firstIndex(endingAtOrBehind: number)
        var range = number...number
        var replaced = index..<index
        if index > 0, ranges[index - 1].upperBound + 1 == number {
            range = ranges[index - 1].lowerBound...range.upperBound
            replaced = (index - 1)..<index
        }
        if index < ranges.count, number + 1 == ranges[index].lowerBound {
            range = range.lowerBound...ranges[index].upperBound
            replaced = replaced.lowerBound..<(index + 1)
        }
        ranges.replaceSubrange(replaced, with: [range])
        if ranges.count > Self.mostRanges { ranges.removeFirst(Self.mostRanges / 2) }
    }

    private func firstIndex(endingAtOrBehind number: UInt32) -> Int {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = low + (high - low) / 2
            if ranges[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
