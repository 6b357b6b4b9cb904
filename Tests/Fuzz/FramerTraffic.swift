import Recordings

/// Traffic to feed to framers: right, slightly wrong, or noise.
struct FramerTraffic {
    struct Segment {
        var direction: Direction
        var bytes: [UInt8]
    }

    private(set) var segments: [Segment] = []
    /// Nothing was done to it: it must be read to its end.
    private(set) var isRight = false
    private var postgreSQL = PostgreSQLTraffic()

    init(framing: String, _ dice: inout FuzzDice) {
        let treatment = dice.below(8)
        isRight = treatment < 2
        for _ in 0...dice.below(8) {
            let direction: Direction = dice.isOne(in: 2) ? .upstream : .downstream
            var bytes: [UInt8] = []
            for _ in 0..<dice.below(5) { bytes += message(framing, direction, &dice) }
            segments.append(Segment(direction: direction, bytes: bytes))
        }
        switch treatment {
        case 0, 1: break
        case 2: addNoise(&dice)
        default: for _ in 0...dice.below(4) { mutate(&dice) }
        }
    }

    // MARK: - Right messages

    private mutating func message(
        _ framing: String, _ direction: Direction, _ dice: inout FuzzDice
    ) -> [UInt8] {
        switch framing.prefix(while: { $0 != ":" }) {
        case "redis":
            direction == .upstream ? Self.command(&dice) : Self.value(&dice, depth: 0)
        case "length-prefixed": Self.prefixed(&dice)
        case "http1": HTTPTraffic.message(direction, isPlain: isRight, &dice)
        case "postgresql": postgreSQL.message(direction, isPlain: isRight, &dice)
        default: Self.text(&dice) + (dice.isOne(in: 2) ? [10] : [13, 10])
        }
    }

    /// Any byte, a length of two bytes, and what it counts.
    private static func prefixed(_ dice: inout FuzzDice) -> [UInt8] {
        let body = (0..<dice.below(dice.isOne(in: 8) ? 600 : 12)).map { _ in dice.byte() }
        return [dice.byte(), UInt8(body.count >> 8), UInt8(body.count & 0xff)] + body
    }

    private static func text(_ dice: inout FuzzDice) -> [UInt8] {
        (0..<dice.below(12)).map { _ in UInt8(0x20 + dice.below(0x5f)) }
    }

    private static func command(_ dice: inout FuzzDice) -> [UInt8] {
        let known = [
            "PING", "GET a", "set k v", "MULTI", "EXEC", "DISCARD", "SUBSCRIBE a b", "UNSUBSCRIBE",
            "PSUBSCRIBE x*", "SSUBSCRIBE s", "CLIENT REPLY SKIP", "CLIENT REPLY OFF",
            "CLIENT REPLY ON", "CLIENT SETNAME me", "HELLO 3 AUTH u p", "HELLO 2", "AUTH x",
            "SELECT 1", "RESET", "MONITOR", "READONLY", "NOSUCHCOMMAND x", "CLIENT", "",
        ]
        let words = dice.pick(known).split(separator: " ").map { Array($0.utf8) }
        if dice.isOne(in: 4) {
            return Array(words.joined(separator: [32])) + (dice.isOne(in: 2) ? [10] : [13, 10])
        }
        var bytes = Array("*\(words.count)\r\n".utf8)
        for word in words { bytes += Array("$\(word.count)\r\n".utf8) + word + [13, 10] }
        return bytes
    }

    private static func value(_ dice: inout FuzzDice, depth: Int) -> [UInt8] {
        let simple = [
            "+OK\r\n", "-ERR no\r\n", ":12\r\n", "$-1\r\n", "*-1\r\n", "_\r\n", "#t\r\n",
            ",1.5\r\n",
            "(99\r\n", "$0\r\n\r\n", "*0\r\n", "!3\r\nERR\r\n", "=5\r\ntxt:x\r\n", "+1.5 [0 x]\r\n",
            "$?\r\n;2\r\nab\r\n;0\r\n", "*?\r\n:1\r\n.\r\n",
            "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n",
            "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n", ">2\r\n+invalidate\r\n_\r\n",
            ">3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n",
        ]
        guard depth < 4, dice.isOne(in: 4) else {
            if dice.isOne(in: 3) {
                let bytes = (0..<dice.below(40)).map { _ in dice.byte() }
                return Array("$\(bytes.count)\r\n".utf8) + bytes + [13, 10]
            }
            return Array(dice.pick(simple).utf8)
        }
        let kind = dice.pick(["*", "%", "~", ">", "|"])
        let count = dice.below(3)
        var bytes = Array("\(kind)\(count)\r\n".utf8)
        let elements = kind == "%" ? count * 2 : kind == "|" ? count * 2 + 1 : count
        for _ in 0..<elements { bytes += value(&dice, depth: depth + 1) }
        return bytes
    }

    // MARK: - Wrong ones

    private mutating func addNoise(_ dice: inout FuzzDice) {
        let noise = (0..<dice.below(200)).map { _ in dice.byte() }
        segments[dice.below(segments.count)].bytes += noise
    }

    private mutating func mutate(_ dice: inout FuzzDice) {
        let index = dice.below(segments.count)
        let count = segments[index].bytes.count
        guard count > 0 else { return }
        let place = dice.below(count)
        let telling = Array("\r\n*$%~>|!=+-:_,#(;.?0123456789 \"'\0STZdcpE".utf8)
        switch dice.below(6) {
        case 0: segments[index].bytes[place] = dice.byte()
        case 1: segments[index].bytes[place] = dice.pick(telling)
        case 2: segments[index].bytes.insert(dice.pick(telling), at: place)
        case 3: segments[index].bytes.removeSubrange(place..<min(count, place + 1 + dice.below(4)))
        case 4: segments[index].bytes += Array(segments[index].bytes[place...])
        default: segments.swapAt(index, dice.below(segments.count))
        }
    }
}
