/// Runs a pattern over bytes: all threads side by side, one byte after the other.
///
/// At each place there is at most one thread an instruction, in the order of preference, so that a
/// match takes at most `instructions × (bytes + 1)` steps (`steps` counts them).
struct PatternMachine {
    private struct Thread {
        var instruction: Int
        var start: Int
    }

    private let program: PatternProgram
    /// Those at the place at hand, and those at the next one.
    private var threads: [Thread] = []
    private var next: [Thread] = []
    /// By instruction: the place for which it was added last, plus one.
    private var added: [Int]
    private var open: [Int] = []
    /// How many instructions were looked at, altogether.
    private(set) var steps = 0

    init(_ program: PatternProgram) {
        self.program = program
        added = Array(repeating: 0, count: program.instructions.count)
    }

    /// The leftmost match at or after `start`; with `isAnyEnough` the first that is certain.
    mutating func run(
        over bytes: Span<UInt8>, from start: Int, isAnyEnough: Bool
    ) -> Range<Int>? {
        var found: Range<Int>?
        next.removeAll(keepingCapacity: true)
        for index in added.indices { added[index] = 0 }
        var place = start
        while true {
            if next.isEmpty {
                if found != nil { return found }
                guard let candidate = nextBeginning(in: bytes, from: place) else { return nil }
                place = candidate
            }
            // A match that begins here is liked less than all that began before.
            if found == nil { add(0, start: place, at: place, in: bytes) }
            swap(&threads, &next)
            next.removeAll(keepingCapacity: true)
            let byte = place < bytes.count ? bytes[place] : nil
            scan: for thread in threads {
                steps += 1
                switch program.instructions[thread.instruction] {
                case .byte(let set):
                    guard let byte, program.sets[set].contains(byte) else { continue }
                    add(thread.instruction + 1, start: thread.start, at: place + 1, in: bytes)
                case .match:
                    found = thread.start..<place
                    if isAnyEnough { return found }
                    // The threads behind this one are liked less.
                    break scan
                case .assertion, .jump, .fork:
                    continue
                }
            }
            guard place < bytes.count else { return found }
            place += 1
        }
    }

    /// Adds the threads that stand at `place` when one is at this instruction there.
    private mutating func add(
        _ instruction: Int, start: Int, at place: Int, in bytes: Span<UInt8>
    ) {
        open.append(instruction)
        while let index = open.popLast() {
            guard added[index] != place + 1 else { continue }
            added[index] = place + 1
            steps += 1
            switch program.instructions[index] {
            case .jump(let target): open.append(target)
            case .fork(let one, let other):
                open.append(other)
                open.append(one)
            case .assertion(let assertion):
                if Self.holds(assertion, at: place, in: bytes) { open.append(index + 1) }
            case .byte, .match:
                next.append(Thread(instruction: index, start: start))
            }
        }
    }

    private static func holds(
        _ assertion: PatternNode.Assertion, at place: Int, in bytes: Span<UInt8>
    ) -> Bool {
        switch assertion {
        case .start: return place == 0
        case .end: return place == bytes.count
        case .wordEdge, .noWordEdge:
            let before = place > 0 && ByteSet.word.contains(bytes[place - 1])
            let after = place < bytes.count && ByteSet.word.contains(bytes[place])
            return (before != after) == (assertion == .wordEdge)
        }
    }

    private func nextBeginning(in bytes: Span<UInt8>, from start: Int) -> Int? {
        guard let first = program.first else { return start <= bytes.count ? start : nil }
        var place = start
        while place < bytes.count {
            if first.contains(bytes[place]) { return place }
            place += 1
        }
        return nil
    }
}
