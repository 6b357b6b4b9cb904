/// A set of message numbers, kept as ranges: numbers are added in rising order and mostly leave at
/// the front, so that a long pipeline costs no more than a short one.
package struct MessageNumbers: Hashable, Sendable {
    private var stored: [ClosedRange<UInt64>] = []
    private var head = 0

    package init() {}

    package var isEmpty: Bool { head == stored.count }
    package var first: UInt64? { isEmpty ? nil : stored[head].lowerBound }

    /// The ranges, rising, none next to another.
    package var ranges: ArraySlice<ClosedRange<UInt64>> { stored[head...] }

    package func contains(_ number: UInt64) -> Bool {
        guard let index = index(of: number) else { return false }
        return stored[index].contains(number)
    }

    /// Adds a number that is larger than all that are in it; another is not added.
    package mutating func append(_ number: UInt64) {
        guard let last = ranges.last else {
            removeAll()
            stored.append(number...number)
            return
        }
        guard number > last.upperBound else { return }
        if number == last.upperBound + 1 {
            stored[stored.count - 1] = last.lowerBound...number
        } else {
            stored.append(number...number)
        }
    }

    /// Takes a number out; whether it was in.
    @discardableResult
    package mutating func remove(_ number: UInt64) -> Bool {
        guard let index = index(of: number), stored[index].contains(number) else { return false }
        let range = stored[index]
        if range.count == 1 {
            removeRange(at: index)
        } else if number == range.lowerBound {
            stored[index] = (number + 1)...range.upperBound
        } else if number == range.upperBound {
            stored[index] = range.lowerBound...(number - 1)
        } else {
            stored[index] = range.lowerBound...(number - 1)
            stored.insert((number + 1)...range.upperBound, at: index + 1)
        }
        return true
    }

    /// Takes out all numbers up to this one, which costs what there are ranges of them.
    package mutating func remove(through number: UInt64) {
        while let first, first <= number {
            let range = stored[head]
            guard range.upperBound > number else {
                removeRange(at: head)
                continue
            }
            stored[head] = (number + 1)...range.upperBound
        }
    }

    package mutating func removeAll() {
        stored.removeAll(keepingCapacity: stored.capacity <= 64)
        head = 0
    }

    private mutating func removeRange(at index: Int) {
        guard index == head else {
            stored.remove(at: index)
            return
        }
        head += 1
        if head == stored.count {
            removeAll()
        } else if head >= 64 && head * 2 >= stored.count {
            stored.removeFirst(head)
            head = 0
        }
    }

    /// The first range that ends at or after the number.
    private func index(of number: UInt64) -> Int? {
        guard !isEmpty, number <= stored[stored.count - 1].upperBound else { return nil }
        if number <= stored[head].upperBound { return head }
        var low = head + 1
        var high = stored.count - 1
        while low < high {
            let middle = low + (high - low) / 2
            if stored[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
