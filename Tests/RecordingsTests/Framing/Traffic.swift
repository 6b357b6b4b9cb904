@testable import Recordings

/// What one side sent before the other did, for tests of framers.
struct Segment: Hashable, Sendable {
    var direction: Direction
    var bytes: [UInt8]

    static func up(_ text: String) -> Segment {
        Segment(direction: .upstream, bytes: Array(text.utf8))
    }

    static func down(_ text: String) -> Segment {
        Segment(direction: .downstream, bytes: Array(text.utf8))
    }
}

/// How segments are cut into chunks.
enum Cut {
    case whole
    case every(Int)
    /// Once, after so many bytes of a segment.
    case once(segment: Int, at: Int)

    func chunks(_ segment: Segment, _ index: Int) -> [ArraySlice<UInt8>] {
        let bytes = segment.bytes[...]
        switch self {
        case .whole: return [bytes]
        case .every(let size):
            return stride(from: 0, to: bytes.count, by: size).map {
                bytes[$0..<min($0 + size, bytes.count)]
            }
        case .once(let cutSegment, let place):
            return index == cutSegment ? [bytes[..<place], bytes[place...]] : [bytes]
        }
    }
}

/// What a conversation made of the segments, a line for each step that tells something.
func messages(
    _ framer: any Framer, _ segments: [Segment], cut: Cut = .whole
) -> [String] {
    var conversation = Conversation(framer: framer)
    var lines: [String] = []
    for (index, segment) in segments.enumerated() {
        for chunk in cut.chunks(segment, index) {
            feed(Array(chunk), segment.direction, to: &conversation, &lines)
        }
    }
    return lines
}

private func feed(
    _ bytes: [UInt8], _ direction: Direction, to conversation: inout Conversation,
    _ lines: inout [String]
) {
    var start = 0
    while true {
        let rest = bytes.span.extracting(start..<bytes.count)
        switch conversation.advance(rest, direction, at: .start) {
        case .message(let consumed, let placed):
            lines.append(describe(placed))
            start += consumed
        case .lostSync(let consumed, _, let offset, let reason):
            lines.append("\(direction == .upstream ? "u" : "d") lost at \(offset): \(reason)")
            start += consumed
        case .needMore, .opaque:
            return
        }
    }
}

/// `u1 0+14 PING owes 1`, `d1 0+7 + to 1`.
func describe(_ placed: Conversation.Placed) -> String {
    let message = placed.message
    var text = "\(placed.direction == .upstream ? "u" : "d")\(message.number)"
    text += " \(placed.offset)+\(placed.length) \(message.kind)"
    switch message.role {
    case .request(let answers): text += " owes \(answers)"
    case .answer(let number, let completes, let isError):
        text += " to \(number)" + (completes ? "" : " part") + (isError ? " error" : "")
    case .unsolicited: text += " unasked"
    }
    if let state = message.state {
        text += " [\(state.key)]" + (state.isAuthentication ? " credentials" : "")
    }
    if let group = message.group { text += " in \(group)" }
    if message.endsGroup { text += " ends" }
    return text
}

/// The same without places, for tests about pairing.
func pairing(_ framer: any Framer, _ segments: [Segment]) -> [String] {
    messages(framer, segments).map { line in
        let words = line.split(separator: " ")
        guard words.count > 1, words[1].contains("+"), words[1].first?.isNumber == true else {
            return line
        }
        return ([words[0]] + words[2...]).joined(separator: " ")
    }
}

/// Numbers that look random and are the same for the same seed (SplitMix64).
struct SeededNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
