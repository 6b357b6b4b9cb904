/// Pieces that were handed out and that the socket has not taken, in order; their bytes are read
/// again for each try.
struct PendingPieces {
    /// Pieces that are gathered for one send.
    static let gathered = 1_024

    private var pieces: [Piece] = []
    private var head = 0
    private(set) var bytes = 0

    /// Whether another piece may go out with these.
    var hasRoom: Bool {
        pieces.count - head < Self.gathered && pieces.last?.isAlone != true
            && bytes < ReplayWire.gatherBytes
    }

    var waiting: ArraySlice<Piece> { pieces[head...] }

    mutating func append(_ piece: Piece) {
        pieces.append(piece)
        bytes += piece.count
    }

    /// The socket took so many bytes of what was gathered from them: calls `body` with each piece,
    /// or the part of it that was taken, and where in the gathered bytes it begins.
    mutating func take(_ count: Int, _ body: (_ part: Piece, _ start: Int) -> Void) {
        var taken = 0
        while taken < count {
            let piece = pieces[head]
            var part = piece
            part.count = min(piece.count, count - taken)
            part.isLast = piece.isLast && part.count == piece.count
            body(part, taken)
            taken += part.count
            bytes -= part.count
            if part.count == piece.count {
                head += 1
            } else {
                pieces[head].offset += UInt64(part.count)
                pieces[head].fileOffset += UInt64(part.count)
                pieces[head].count -= part.count
                pieces[head].isFirst = false
            }
        }
        guard head == pieces.count else { return }
        pieces.removeAll(keepingCapacity: true)
        head = 0
    }
}
