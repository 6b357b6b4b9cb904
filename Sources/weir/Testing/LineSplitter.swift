/// Cuts what a process writes into lines, of which only so much is kept.
struct LineSplitter {
    /// What a line is longer than this is cut.
    static let maximumLineBytes = 4_096

    private var pending: [UInt8] = []
    private var isCut = false
    /// Bytes of the lines handed over that were cut off.
    private(set) var cutBytes: UInt64 = 0

    /// Takes the next bytes; hands over each line that is whole, without its end.
    mutating func receive(_ bytes: UnsafeRawBufferPointer, _ line: (String) -> Void) {
        var start = 0
        while start < bytes.count {
            let rest = bytes[start...]
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            let piece = bytes[start..<(end ?? bytes.count)]
            let room = Self.maximumLineBytes - pending.count
            if piece.count > room {
                isCut = true
                cutBytes += UInt64(piece.count - max(0, room))
            }
            pending += piece.prefix(max(0, room))
            guard let end else { return }
            finish(line)
            start = end + 1
        }
    }

    /// Hands over what came without an end.
    mutating func end(_ line: (String) -> Void) {
        if !pending.isEmpty { finish(line) }
    }

    private mutating func finish(_ line: (String) -> Void) {
        if !isCut, pending.last == UInt8(ascii: "\r") { pending.removeLast() }
        line(String(decoding: pending, as: UTF8.self) + (isCut ? "…" : ""))
        pending.removeAll(keepingCapacity: true)
        isCut = false
    }
}
