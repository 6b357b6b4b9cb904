import Faults
import Recordings

/// Strikes on what comes from the consumer: from their place on nothing is received, for a while or
/// for good, and perhaps the connection ends.
///
/// ```
/// open ── place reached ─► silent (stall, timeout) ─► open again, or ended
///                     └──► ended (reset, limit_data)
/// ```
/// A place is a message as it really comes, and an offset in it; where there are no messages, a
/// number of bytes. They strike the first connection that plays a recorded one.
struct ReceivedStrikes: Sendable {
    var ledger: StrikeLedger
    /// The strike that keeps everything back, and since and until when.
    fileprivate(set) var silence: (strike: Int, since: Instant, until: Instant?)?
    /// Nothing is received any more.
    fileprivate(set) var isOver = false
    private let link: TranscriptLink
    private let isByCells: Bool

    init(_ strikes: [Strike], _ connection: TranscriptConnection, isByCells: Bool) {
        link = connection.downstream
        self.isByCells = isByCells
        ledger = StrikeLedger(strikes, on: link, isByCells: isByCells)
    }

    /// Whether what comes stays in the kernel for now.
    var isHeld: Bool { silence != nil || isOver }

    var silentUntil: Instant? { silence?.until }

    /// Where the strike stands: its message, how many bytes of it come first, and how many of the
    /// link in the recording.
    fileprivate func place(_ index: Int) -> (message: UInt64, bytes: UInt64, offset: UInt64) {
        let strike = ledger.strikes[index]
        let bytes = strike.effect.neededBytes
        let start =
            isByCells
            ? (strike.message - 1) * LinkSchedule.cellBytes
            : link.range(of: strike.message).lowerBound
        return (strike.message, bytes, start + bytes)
    }
}

extension Player {
    /// How many of these bytes come before a strike on them; nil: none strikes.
    func bytesBeforeStrike(_ bytes: Span<UInt8>) -> Int? {
        guard !receiving.isHeld, let index = receiving.ledger.firstUnsettled else { return nil }
        let place = receiving.place(index)
        return answers.countBefore(
            message: place.message, bytes: place.bytes, offset: place.offset, bytes)
    }

    /// Its place was reached.
    mutating func strikeReceived(at now: Instant) {
        guard let index = receiving.ledger.firstUnsettled else { return }
        let id = receiving.ledger.strikes[index].id
        switch receiving.ledger.strikes[index].effect {
        case .stall(_, let nanoseconds):
            receiving.silence = (
                index, now, nanoseconds.map { now.advanced(byNanoseconds: max(0, $0)) }
            )
        case .end(let ending) where ending.silenceNanoseconds > 0:
            receiving.silence = (
                index, now, now.advanced(byNanoseconds: ending.silenceNanoseconds)
            )
        case .end(let ending):
            receiving.ledger.settle(index, .applied)
            endBy(id, ending.how, at: now)
        default:
            receiving.ledger.settle(index, .skipped, "it cannot be done to what is received")
        }
    }

    /// A silence on what comes is over.
    mutating func endReceivedSilence(at now: Instant) -> Action? {
        guard let (index, _, until) = receiving.silence, let until, now >= until else { return nil }
        let strike = receiving.ledger.strikes[index]
        settleReceivedSilence(at: now)
        if case .end(let ending) = strike.effect {
            endBy(strike.id, ending.how, at: now)
        } else {
            urgent.append(.receiveAgain)
        }
        return next(at: now, canSend: false)
    }

    /// A new attempt: what struck the first is over, and strikes no other.
    mutating func receiveFreely(at now: Instant) {
        endReceiving("the connection was cut before it", at: now)
        receiving.isOver = false
    }

    /// No strike on what comes can strike any more.
    mutating func endReceiving(_ reason: String, at now: Instant) {
        if receiving.silence != nil {
            settleReceivedSilence(at: now)
            // What was kept back until the end is not received for it.
            receiving.isOver = true
        }
        receiving.ledger.preemptAll(reason)
    }

    private mutating func settleReceivedSilence(at now: Instant) {
        guard let (index, since, _) = receiving.silence else { return }
        receiving.silence = nil
        let lasted = now.nanoseconds(since: since)
        receiving.ledger.settle(index, .applied, Stall.receivedOutcome(nanoseconds: lasted))
    }

    private mutating func endBy(_ id: String, _ how: Cut.How, at now: Instant) {
        receiving.isOver = true
        urgent.append(how == .reset ? .reset(by: .weir) : .close(by: .weir))
        end("\(id) ended the connection", at: now)
    }
}
