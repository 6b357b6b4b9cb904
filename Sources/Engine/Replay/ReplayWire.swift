import Faults
import Platform
import Recordings

/// What the connections of a replay share: the clock, the recorded bytes, the observer, the result,
/// and one buffer each to send from and to receive into.
final class ReplayWire {
    /// What is sent at once: coalesced from as many messages as are due.
    static let gatherBytes = 65_536
    static let receiveBytes = 262_144

    let network: any Network
    let settings: ReplaySettings
    var sessionStart: MonotonicTime
    var result = ReplayResult()
    /// Room for the pieces that are gathered before the limit is reached, and one more.
    let gather = UnsafeMutableRawBufferPointer.allocate(
        byteCount: gatherBytes + Limits.pieceBytes, alignment: 64)
    private let received = UnsafeMutableRawBufferPointer.allocate(
        byteCount: receiveBytes, alignment: 64)
    private let source: any RecordedBytes
    private let observer: any ReplayObserver

    init(
        _ network: any Network, _ settings: ReplaySettings, _ source: any RecordedBytes,
        _ observer: any ReplayObserver
    ) {
        self.network = network
        self.settings = settings
        self.source = source
        self.observer = observer
        sessionStart = network.now
    }

    deinit {
        gather.deallocate()
        received.deallocate()
    }

    /// The session's clock, read now.
    func now() -> Instant { instant(of: network.readClock()) }

    func instant(of time: MonotonicTime) -> Instant {
        Instant(nanoseconds: time.nanoseconds - sessionStart.nanoseconds)
    }

    func time(of instant: Instant) -> MonotonicTime {
        sessionStart.advanced(byNanoseconds: instant.nanoseconds)
    }

    func tell(_ event: Event, _ bytes: Span<UInt8>) {
        observer.replayed(event, bytes)
    }

    func tell(_ event: Event) {
        let nothing: [UInt8] = []
        observer.replayed(event, nothing.span)
    }

    func end() { observer.replayEnded(result) }

    /// Fills the gather buffer with the first of these pieces, as many as it holds.
    /// - Returns: how many bytes it holds now.
    func fill(_ pieces: ArraySlice<Piece>) throws(RecordedBytesError) -> Int {
        var filled = 0
        var index = pieces.startIndex
        while index < pieces.endIndex {
            // Messages that lie side by side in the file are copied as one.
            let offset = pieces[index].fileOffset
            var count = pieces[index].count
            guard filled + count <= gather.count else { break }
            index += 1
            while index < pieces.endIndex, pieces[index].fileOffset == offset + UInt64(count),
                filled + count + pieces[index].count <= gather.count
            {
                count += pieces[index].count
                index += 1
            }
            let room = UnsafeMutableRawBufferPointer(rebasing: gather[filled..<(filled + count)])
            try source.copyBytes(at: offset, into: room)
            filled += count
        }
        return filled
    }

    /// What strikes make of the bytes that were gathered from these pieces.
    func flipBits(_ pieces: ArraySlice<Piece>, _ filled: Int, _ ledger: StrikeLedger) {
        flipBits(pieces, filled) { ledger.strikes[$0.corrupt] }
    }

    /// - Parameter corruption: the strike that flips bits of a piece that has one.
    func flipBits(
        _ pieces: ArraySlice<Piece>, _ filled: Int, _ corruption: (Piece) -> Strike
    ) {
        var start = 0
        for piece in pieces {
            guard start < filled else { return }
            if piece.corrupt >= 0, case .corrupt(let bits) = corruption(piece).effect {
                flip(bits, of: piece, at: start)
            }
            start += piece.count
        }
    }

    /// Flips the bits of a message that lie in this piece of it, which stands at `start` in the
    /// gather buffer.
    private func flip(_ bits: [UInt64], of piece: Piece, at start: Int) {
        for bit in bits {
            let byte = bit / 8
            let first = piece.bitOffset
            guard byte >= first, byte - first < UInt64(piece.count) else { continue }
            gather[start + Int(byte - first)] ^= 1 << UInt8(bit % 8)
        }
    }

    /// The bytes of the gather buffer, from `offset` on.
    func withGathered(_ offset: Int, _ count: Int, _ body: (Span<UInt8>) -> Void) {
        let bytes = UnsafeRawBufferPointer(rebasing: gather[offset..<(offset + count)])
        bytes.withMemoryRebound(to: UInt8.self) { body($0.span) }
    }

    /// Receives once; the bytes are there for the length of `body`.
    func receive(
        from socket: any Socket, atMost most: Int? = nil, _ body: (Span<UInt8>) -> Void
    ) -> Received {
        let room = min(most ?? received.count, received.count)
        let outcome = socket.receive(
            into: UnsafeMutableRawBufferPointer(rebasing: received[..<room]))
        if case .bytes(let count, _) = outcome {
            let bytes = UnsafeRawBufferPointer(rebasing: received[..<count])
            bytes.withMemoryRebound(to: UInt8.self) { body($0.span) }
        }
        return outcome
    }
}
