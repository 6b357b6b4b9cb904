import Recordings

/// Downstream bytes by turns, where answers cannot be paired: compared as far as the recording
/// goes, in order, until they first differ.
struct TurnTrack {
    /// Whether bytes are compared at all.
    private let isCompared: Bool
    /// Where the attempt begins on the recorded downstream link.
    private var base: UInt64 = 0
    private var received: UInt64 = 0
    private var hasDiffered = false
    private var number: UInt64 = 0
    private var comparison: ByteComparison?
    private var bytes: UInt64 = 0
    private var head: [UInt8] = []
    private var response: Int64?
    private var ended = Instant.start
    private var lastSent: Instant?
    private var sentStrike = ""

    /// All that came, where it is asked for.
    private var total: Content?

    init(isCompared: Bool, keepsContent: Bool) {
        self.isCompared = isCompared
        if keepsContent { total = Content() }
    }

    /// The reaction that a turn is, once it is over.
    struct Finished {
        var turn: Turn
        var ended: Instant
        var strike: String
    }

    /// Weir sent; a turn that was under way is over.
    mutating func send(
        _ sent: Sent, at instant: Instant, _ connection: Int?, _ recorded: inout RecordedSide
    ) -> Finished? {
        let finished = finishTurn(connection, &recorded)
        if lastSent == nil, let connection, sent.message > 0 {
            let link = recorded.transcript.connections[connection]
            if sent.message <= link.upstream.count {
                base = link.exchange(sent.message).dependsOnBytes
            }
        }
        lastSent = instant
        sentStrike = sent.strike
        return finished
    }

    mutating func receive(
        _ piece: Span<UInt8>, at instant: Instant, _ connection: Int?,
        _ recorded: inout RecordedSide
    ) {
        if bytes == 0 {
            number += 1
            response = lastSent.map { instant.nanoseconds(since: $0) }
            if isCompared, !hasDiffered, let connection {
                let end = recorded.transcript.connections[connection].downstream.bytes
                let start = min(base.adding(received), end)
                comparison = ByteComparison(connection, start..<end)
            }
        }
        comparison?.take(piece, &recorded)
        total?.take(piece, keeping: Content.keptLinkBytes)
        for index in 0..<min(piece.count, Difference.excerptBytes - head.count) {
            head.append(piece[index])
        }
        bytes += UInt64(piece.count)
        received += UInt64(piece.count)
        ended = instant
    }

    /// The turn that is under way is over.
    mutating func finishTurn(
        _ connection: Int?, _ recorded: inout RecordedSide
    ) -> Finished? {
        guard bytes > 0 else { return nil }
        var turn = Turn(number: number, bytes: bytes, responseNanoseconds: response)
        if var comparison {
            switch comparison.finish(isWhole: false, head: head.span, &recorded) {
            case .same: turn.compared = .same
            case .unreadable: hasDiffered = true
            case .different(let difference):
                let isBeyond = difference.offset == difference.expectedBytes
                turn.compared = isBeyond ? .extra : .different
                turn.difference = difference
                hasDiffered = true
            }
        }
        turn.content = total
        bytes = 0
        head = []
        comparison = nil
        return Finished(turn: turn, ended: ended, strike: sentStrike)
    }

    /// The recorded bytes that never came, once nothing can come any more.
    func missing(_ connection: Int?, _ recorded: RecordedSide) -> Turn? {
        guard isCompared, !hasDiffered, let connection else { return nil }
        let end = recorded.transcript.connections[connection].downstream.bytes
        let place = base.adding(received)
        guard place < end else { return nil }
        return Turn(
            number: number + 1, bytes: end - place,
            compared: received == 0 ? .missing : .cutShort)
    }
}
