/// Looks for a smallest part of a list that still shows a symptom, by asking about parts of it.
///
/// Zeller and Hildebrandt's minimising delta debugging (Simplifying and Isolating Failure-Inducing
/// Input, IEEE Transactions on Software Engineering 28(2), 2002), by complements alone:
/// ```
/// prefixes ─► without one half ─► without one quarter ─► … ─► without one element
///   likely      each part that is not needed goes, the others are halved    └─► again, until
///   ones first                                                                  nothing goes
/// ```
/// What it ends with is 1-minimal, whatever the symptom depends on: each part of `smallest` that
/// lacks one element was asked about, and did not show. It is the very smallest where the symptom
/// needs certain elements and any others change nothing. Then k of n cost about 2k·log₂(n/k) asked,
/// because the half beside one that went is what the whole was kept for, and is not asked about.
///
/// Elements are 0 to n − 1; the likely ones are to come first, because parts are taken away from
/// the end.
package struct DeltaDebugging: Sendable {
    /// The smallest part known to show it, rising; at first all of it, which the caller vouches
    /// for.
    package private(set) var smallest: [Int]
    /// Whether the empty part is asked about too; else it is known not to show.
    private let mayBeEmpty: Bool
    /// Lengths of beginnings of the list that are still to be asked about.
    private var prefixes: ArraySlice<Int>
    private var parts: [Part]
    /// The part that is to be taken away next; they are tried from the last one to the first.
    private var place: Int
    private var hasRemoved = false
    private var asked: Question?
    /// What was asked about, and did not show.
    private var dark: Set<PartFingerprint> = []

    private struct Part {
        var elements: [Int]
        /// Of the two halves of one, which stand beside each other, the other one went.
        var isNeeded = false
        /// The number that its other half has too.
        var pair = 0
    }

    private enum Question {
        case prefix(Int)
        case without(Int)
    }

    /// - Parameters:
    ///   - count: how many elements there are.
    ///   - prefixes: lengths of beginnings of the list to ask about first, rising.
    ///   - mayBeEmpty: whether it could show without any of them.
    package init(count: Int, prefixes: [Int] = [], mayBeEmpty: Bool = false) {
        smallest = Array(0..<count)
        self.mayBeEmpty = mayBeEmpty
        self.prefixes = prefixes.filter { 0 < $0 && $0 < count }[...]
        parts = count == 0 ? [] : [Part(elements: smallest)]
        place = parts.count - 1
    }

    /// The part to ask about next, rising; nil once `smallest` is 1-minimal.
    package mutating func next() -> [Int]? {
        while let question = upcoming() {
            let part = elements(question)
            if dark.contains(PartFingerprint(part)) {
                settle(question, shows: false)
            } else {
                asked = question
                return part
            }
        }
        return nil
    }

    /// Takes the answer to the last `next`.
    package mutating func receive(_ shows: Bool) {
        guard let question = asked else { return }
        asked = nil
        if !shows { dark.insert(PartFingerprint(elements(question))) }
        settle(question, shows: shows)
    }

    // MARK: - Parts

    private func elements(_ question: Question) -> [Int] {
        switch question {
        case .prefix(let count): Array(0..<count)
        case .without(let place):
            parts[..<place].flatMap(\.elements) + parts[(place + 1)...].flatMap(\.elements)
        }
    }

    private mutating func upcoming() -> Question? {
        if let prefix = prefixes.first { return .prefix(prefix) }
        while true {
            while place >= 0 {
                let isLast = parts.count == 1 && !mayBeEmpty
                if !isLast && !parts[place].isNeeded { return .without(place) }
                place -= 1
            }
            if parts.contains(where: { $0.elements.count > 1 }) {
                split()
            } else if hasRemoved {
                beginPass()
            } else {
                return nil
            }
        }
    }

    private mutating func settle(_ question: Question, shows: Bool) {
        switch question {
        case .prefix(let count):
            guard shows else {
                prefixes.removeFirst()
                return
            }
            prefixes = []
            smallest = Array(0..<count)
            parts = [Part(elements: smallest)]
            beginPass()
        case .without(let removed):
            place = removed - 1
            guard shows else { return }
            let pair = parts[removed].pair
            parts.remove(at: removed)
            smallest = parts.flatMap(\.elements)
            hasRemoved = true
            for index in [removed - 1, removed]
            where parts.indices.contains(index) && pair > 0 && parts[index].pair == pair {
                parts[index].isNeeded = true
            }
        }
    }

    private mutating func split() {
        var halves: [Part] = []
        for (index, part) in parts.enumerated() {
            let middle = (part.elements.count + 1) / 2
            halves.append(Part(elements: Array(part.elements[..<middle]), pair: index + 1))
            guard middle < part.elements.count else { continue }
            halves.append(Part(elements: Array(part.elements[middle...]), pair: index + 1))
        }
        parts = halves
        beginPass()
    }

    private mutating func beginPass() {
        for index in parts.indices { parts[index].isNeeded = false }
        place = parts.count - 1
        hasRemoved = false
    }
}

/// A part of a list, known again by 128 bits: the parts themselves may be long.
private struct PartFingerprint: Hashable {
    private var sum: UInt64 = 0
    private var product: UInt64 = 1

    init(_ part: [Int]) {
        for element in part {
            let mixed = Self.mix(UInt64(element) &+ 1)
            sum &+= mixed
            product &*= mixed | 1
        }
    }

    /// SplitMix64's finaliser (Steele, Lea, Flood 2014).
    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
