/// Reads a pattern's text into its tree.
struct PatternParser {
    private let text: String
    private let bytes: [UInt8]
    private var place = 0
    private var depth = 0
    private var isEitherCase = false

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    mutating func parse() throws(PatternError) -> PatternNode {
        if takes("(?i)") { isEitherCase = true }
        let node = try choice()
        guard place == bytes.count else { throw error("\")\" closes nothing; write \"\\)\"") }
        return node
    }

    private mutating func choice() throws(PatternError) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Pattern.maximumDepth else {
            throw error("groups stand in each other deeper than \(Pattern.maximumDepth)")
        }
        var branches = [try sequence()]
        while takes("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let byte = peek, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            let start = place
            nodes.append(contentsOf: try repeated(try atom(), from: start))
        }
        return nodes.isEmpty ? .empty : nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    /// The bytes of one character are an atom together; a repetition is of all of them.
    private mutating func atom() throws(PatternError) -> PatternNode {
        guard let byte = peek else { return .empty }
        place += 1
        switch byte {
        case UInt8(ascii: "("): return try group()
        case UInt8(ascii: "["): return .byte(try set())
        case UInt8(ascii: "."): return .byte(.notNewline)
        case UInt8(ascii: "^"): return .assertion(.start)
        case UInt8(ascii: "$"): return .assertion(.end)
        case UInt8(ascii: "\\"): return try escape()
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
            place -= 1
            let sign = String(UnicodeScalar(byte))
            throw error("\"\(sign)\" repeats nothing; write \"\\\(sign)\"")
        case 0x80...:
            var nodes = [PatternNode.byte(ByteSet(byte))]
            while let next = peek, next & 0xC0 == 0x80 {
                nodes.append(.byte(ByteSet(next)))
                place += 1
            }
            return .sequence(nodes)
        default: return .byte(cased(ByteSet(byte)))
        }
    }

    private mutating func group() throws(PatternError) -> PatternNode {
        let start = place - 1
        if takes("?") {
            guard takes(":") else {
                throw error(
                    "\"(?\" goes on with \":\"; looking around and naming groups are not done")
            }
        }
        let node = try choice()
        guard takes(")") else {
            place = start
            throw error("\"(\" is never closed; write \"\\(\"")
        }
        return node
    }

    private mutating func repeated(
        _ node: PatternNode, from start: Int
    ) throws(PatternError) -> [PatternNode] {
        guard let (least, most) = try count() else { return [node] }
        if case .assertion = node, bytes[start] != UInt8(ascii: "(") {
            place = start
            throw error("what matches no byte is not repeated")
        }
        let isGreedy = !takes("?")
        if takes("+") {
            place -= 1
            throw error("\"+\" behind a repetition (possessive) is not done")
        }
        if try count() != nil { throw error("a repetition of a repetition; put it in \"( )\"") }
        return [.repetition(node, least: least, most: most, isGreedy: isGreedy)]
    }

    private mutating func count() throws(PatternError) -> (Int, Int?)? {
        if takes("*") { return (0, nil) }
        if takes("+") { return (1, nil) }
        if takes("?") { return (0, 1) }
        // A brace that begins no count is a byte like others, as in JSON.
        guard peek == UInt8(ascii: "{") else { return nil }
        let start = place
        place += 1
        guard let least = try number() else {
            place = start
            return nil
        }
        var most: Int? = least
        if takes(",") { most = try number() }
        guard takes("}") else {
            place = start
            return nil
        }
        if let most, most < least { throw error("{\(least),\(most)} has its numbers swapped") }
        return (least, most)
    }

    private mutating func number() throws(PatternError) -> Int? {
        var value: Int?
        while let byte = peek, ByteSet.digits.contains(byte) {
            place += 1
            value = (value ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
            guard value ?? 0 <= Pattern.maximumRepetition else {
                throw error("a repetition is at most \(Pattern.maximumRepetition)")
            }
        }
        return value
    }
}

/// Sets and escapes.
extension PatternParser {
    private mutating func set() throws(PatternError) -> ByteSet {
        let start = place - 1
        let isInverted = takes("^")
        var set = ByteSet()
        var isFirst = true
        while let byte = peek, byte != UInt8(ascii: "]") || isFirst {
            isFirst = false
            let low = try setMember()
            guard let first = low.single, peek == UInt8(ascii: "-"), place + 1 < bytes.count,
                bytes[place + 1] != UInt8(ascii: "]")
            else {
                set = set.union(low.set)
                continue
            }
            place += 1
            guard let last = try setMember().single else {
                throw error("a range in \"[ ]\" ends with one byte")
            }
            guard first <= last else { throw error("a range in \"[ ]\" has its ends swapped") }
            set = set.union(ByteSet(first...last))
        }
        guard takes("]") else {
            place = start
            throw error("\"[\" is never closed; write \"\\[\"")
        }
        set = cased(set)
        return isInverted ? set.inverted : set
    }

    private mutating func setMember() throws(PatternError) -> (set: ByteSet, single: UInt8?) {
        guard let byte = peek else { return (ByteSet(), nil) }
        guard byte < 0x80 else {
            throw error("a character beyond ASCII is several bytes; write \"(é|è)\", not \"[éè]\"")
        }
        place += 1
        guard byte == UInt8(ascii: "\\") else { return (ByteSet(byte), byte) }
        if takes("b") { return (ByteSet(8), 8) }
        guard case .byte(let set) = try escape() else {
            throw error("what matches no byte stands outside of \"[ ]\"")
        }
        let members = (UInt8.min...UInt8.max).filter(set.contains)
        return (set, members.count == 1 ? members[0] : nil)
    }

    private mutating func escape() throws(PatternError) -> PatternNode {
        guard let byte = peek else {
            throw error("\"\\\" is the last character; write \"\\\\\"")
        }
        place += 1
        switch byte {
        case UInt8(ascii: "d"): return .byte(.digits)
        case UInt8(ascii: "D"): return .byte(ByteSet.digits.inverted)
        case UInt8(ascii: "w"): return .byte(.word)
        case UInt8(ascii: "W"): return .byte(ByteSet.word.inverted)
        case UInt8(ascii: "s"): return .byte(.space)
        case UInt8(ascii: "S"): return .byte(ByteSet.space.inverted)
        case UInt8(ascii: "n"): return .byte(ByteSet(0x0A))
        case UInt8(ascii: "r"): return .byte(ByteSet(0x0D))
        case UInt8(ascii: "t"): return .byte(ByteSet(0x09))
        case UInt8(ascii: "f"): return .byte(ByteSet(0x0C))
        case UInt8(ascii: "v"): return .byte(ByteSet(0x0B))
        case UInt8(ascii: "0"): return .byte(ByteSet(0x00))
        case UInt8(ascii: "b"): return .assertion(.wordEdge)
        case UInt8(ascii: "B"): return .assertion(.noWordEdge)
        case UInt8(ascii: "x"): return .byte(ByteSet(try hexadecimal()))
        case UInt8(ascii: "1")...UInt8(ascii: "9"):
            throw error("references back (\"\\1\") are not done: they need more than linear time")
        case _ where byte >= 0x80 || ByteSet.word.contains(byte):
            place -= 1
            throw error("no escape is known that begins so; write \"\\\\\" for a backslash")
        default: return .byte(ByteSet(byte))
        }
    }

    private mutating func hexadecimal() throws(PatternError) -> UInt8 {
        guard place + 2 <= bytes.count,
            let value = UInt8(String(decoding: bytes[place..<place + 2], as: UTF8.self), radix: 16),
            bytes[place] != UInt8(ascii: "+")
        else { throw error("\"\\x\" is followed by two hexadecimal digits") }
        place += 2
        return value
    }

    private func cased(_ set: ByteSet) -> ByteSet { isEitherCase ? set.inBothCases : set }

    private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func takes(_ word: String) -> Bool {
        guard bytes[place...].starts(with: word.utf8) else { return false }
        place += word.utf8.count
        return true
    }

    private func error(_ reason: String) -> PatternError {
        PatternError(text, at: min(place, max(0, bytes.count - 1)), reason)
    }
}
