/// A pattern as instructions for the machine.
struct PatternProgram: Sendable {
    enum Instruction: Hashable, Sendable {
        /// Takes a byte of this set (an index into `sets`) and goes on with the next instruction.
        case byte(set: Int)
        case assertion(PatternNode.Assertion)
        case jump(to: Int)
        /// Both, the first one preferred.
        case fork(Int, Int)
        case match
    }

    private(set) var instructions: [Instruction] = []
    private(set) var sets: [ByteSet] = []
    /// The bytes with which a match can begin; nil where it can be empty.
    private(set) var first: ByteSet?
    private let text: String

    init(_ node: PatternNode, of text: String) throws(PatternError) {
        self.text = text
        try add(node)
        try add(.match)
        first = node.canBeEmpty ? nil : beginnings
    }

    private mutating func add(_ instruction: Instruction) throws(PatternError) {
        guard instructions.count < Pattern.maximumInstructions else {
            throw PatternError(
                text, at: 0,
                "it is longer than \(Pattern.maximumInstructions) steps; repeat less often")
        }
        instructions.append(instruction)
    }

    private mutating func add(_ node: PatternNode) throws(PatternError) {
        switch node {
        case .empty: break
        case .byte(let set):
            let index = sets.firstIndex(of: set) ?? sets.count
            if index == sets.count { sets.append(set) }
            try add(.byte(set: index))
        case .assertion(let assertion): try add(Instruction.assertion(assertion))
        case .sequence(let nodes):
            for node in nodes { try add(node) }
        case .choice(let nodes): try add(choice: nodes)
        case .repetition(let node, let least, let most, let isGreedy):
            try add(repetition: node, least, most, isGreedy)
        }
    }

    private mutating func add(choice nodes: [PatternNode]) throws(PatternError) {
        var jumps: [Int] = []
        for node in nodes.dropLast() {
            let fork = instructions.count
            try add(.fork(0, 0))
            try add(node)
            jumps.append(instructions.count)
            try add(.jump(to: 0))
            instructions[fork] = .fork(fork + 1, instructions.count)
        }
        if let last = nodes.last { try add(last) }
        for jump in jumps { instructions[jump] = .jump(to: instructions.count) }
    }

    private mutating func add(
        repetition node: PatternNode, _ least: Int, _ most: Int?, _ isGreedy: Bool
    ) throws(PatternError) {
        // A loop over what can be empty ends as soon as a round was empty: `x*` is then `(x+)?`.
        let looksFirst = least == 0 && most == nil && !node.canBeEmpty
        if looksFirst {
            let fork = instructions.count
            try add(.fork(0, 0))
            try add(node)
            try add(.jump(to: fork))
            set(fork, to: fork + 1, orTo: instructions.count, isGreedy)
            return
        }
        for _ in 0..<max(0, least - (most == nil ? 1 : 0)) { try add(node) }
        if let most {
            try add(optional: node, times: most - least, isGreedy)
        } else {
            let isOptional = least == 0
            let skip = instructions.count
            if isOptional { try add(.fork(0, 0)) }
            let loop = instructions.count
            try add(node)
            let fork = instructions.count
            try add(.fork(0, 0))
            set(fork, to: loop, orTo: fork + 1, isGreedy)
            if isOptional { set(skip, to: skip + 1, orTo: instructions.count, isGreedy) }
        }
    }

    private mutating func add(
        optional node: PatternNode, times: Int, _ isGreedy: Bool
    ) throws(PatternError) {
        var forks: [Int] = []
        for _ in 0..<times {
            forks.append(instructions.count)
            try add(.fork(0, 0))
            try add(node)
        }
        for fork in forks { set(fork, to: fork + 1, orTo: instructions.count, isGreedy) }
    }

    private mutating func set(_ fork: Int, to more: Int, orTo less: Int, _ isGreedy: Bool) {
        instructions[fork] = isGreedy ? .fork(more, less) : .fork(less, more)
    }

    /// All that the first byte of a match can be.
    private var beginnings: ByteSet {
        var set = ByteSet()
        var seen = [Bool](repeating: false, count: instructions.count)
        var open = [0]
        while let index = open.popLast() {
            if seen[index] { continue }
            seen[index] = true
            switch instructions[index] {
            case .byte(let number): set = set.union(sets[number])
            case .assertion: open.append(index + 1)
            case .jump(let target): open.append(target)
            case .fork(let one, let other): open += [one, other]
            case .match: return .all
            }
        }
        return set
    }
}
