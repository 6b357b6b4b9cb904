/// The strikes of one link that exclude each other, as far as they may still matter.
///
/// Those that take one message are found by its number; there are few others at a time, and these
/// are looked through.
final class LinkStrikes {
    /// Both by message.
    private var single: [RolledStrike] = []
    private var wide: [RolledStrike] = []
    /// Before this one `single` is forgotten.
    private var head = 0
    private var wideLimit = leastWideLimit

    private static let leastWideLimit = 32

    /// Adds a strike: behind all that are there, unless another connection's takes a message that
    /// is still to come.
    func add(_ strike: RolledStrike) {
        if strike.isSingle {
            Self.insert(strike, into: &single, from: head)
        } else {
            Self.insert(strike, into: &wide, from: 0)
        }
    }

    private static func insert(
        _ strike: RolledStrike, into list: inout [RolledStrike], from head: Int
    ) {
        var place = list.count
        while place > head, list[place - 1].message > strike.message { place -= 1 }
        list.insert(strike, at: place)
    }

    /// Those that take a message which this one takes too; itself among them.
    func overlapping(_ strike: RolledStrike) -> [RolledStrike] {
        var found: [RolledStrike] = []
        for place in strike.places {
            var index = firstSingle(notBefore: place.lowerBound)
            while index < single.count, single[index].message <= place.upperBound {
                found.append(single[index])
                index += 1
            }
        }
        for other in wide {
            guard other.message <= strike.end else { break }
            if other.takesOneOf(strike) { found.append(other) }
        }
        return found
    }

    /// What is still to be decided stands at this message or behind it.
    func forget(before message: UInt64) {
        while head < single.count, single[head].isTold, single[head].message < message {
            head += 1
        }
        if head > 256, head * 2 > single.count {
            single.removeFirst(head)
            head = 0
        }
        guard wide.count > wideLimit else { return }
        wide.removeAll { $0.isTold && $0.end < message }
        wideLimit = max(Self.leastWideLimit, wide.count * 2)
    }

    private func firstSingle(notBefore message: UInt64) -> Int {
        var (low, high) = (head, single.count)
        while low < high {
            let middle = low + (high - low) / 2
            if single[middle].message < message { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
