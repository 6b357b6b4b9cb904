/// A recording as exchanges: what was sent on each connection, what answered it, and what each
/// message waited for.
///
/// Bytes are not in it: a link's extents say where in the file they lie. Memory: 56 bytes a
/// message, 56 more for an upstream one, and 32 a chunk.
package struct Transcript: Sendable {
    /// More messages than this in all are not kept; `isCutShort` says so.
    package static let maximumMessages = 64 << 20

    /// In the order of opening.
    package var connections: [TranscriptConnection] = []
    /// Attempts to connect that failed.
    package var refusals: [Refusal] = []
    /// Whether there were more than `maximumMessages`: the later ones are missing.
    package var isCutShort = false

    package struct Refusal: Hashable, Sendable {
        package var connection: UInt32
        package var attempt: UInt16
        package var instant: Instant
        package var reason: Event.Refusal
    }

    package init() {}

    /// The connection with this recorded number (and attempt).
    package func connection(_ number: UInt32, attempt: UInt16? = nil) -> TranscriptConnection? {
        // A linear search: for reports and tests. Replay goes through `connections` in order.
        connections.first { $0.number == number && (attempt == nil || $0.attempt == attempt) }
    }
}

/// One connection of a recording.
package struct TranscriptConnection: Sendable {
    /// As recorded, from 1.
    package var number: UInt32
    package var attempt: UInt16
    package var route: UInt16 = 0
    package var client = ""
    package var server = ""
    /// nil where it was picked up in the middle.
    package var opened: Instant?
    /// How many connections had ended before this one opened.
    package var endedBefore = 0
    package var upstream = TranscriptLink()
    package var downstream = TranscriptLink()
    /// The first upstream message that carried credentials.
    package var authentication: UInt64?
    /// Whether answers are paired with requests; otherwise flights and dependencies go by turns.
    package var pairsAnswers = false

    var exchanges: [ExchangeRecord] = []

    package subscript(direction: Direction) -> TranscriptLink {
        direction == .upstream ? upstream : downstream
    }

    /// Both links have ended.
    package var hasEnded: Bool { upstream.end != nil && downstream.end != nil }

    /// What became of an upstream message.
    /// - Parameter number: from 1 to `upstream.count`.
    package func exchange(_ number: UInt64) -> Exchange {
        let record = exchanges[Int(number) - 1]
        let isBegun = record.firstAnswer > 0
        return Exchange(
            answers: isBegun ? UInt64(record.firstAnswer)...UInt64(record.lastAnswer) : nil,
            answerBegan: isBegun ? Instant(nanoseconds: record.answerBegan) : nil,
            answerEnded: isBegun ? Instant(nanoseconds: record.answerEnded) : nil,
            isComplete: record.isComplete, flight: UInt64(record.flight),
            dependsOn: UInt64(record.dependsOn), dependsOnBytes: record.dependsOnBytes,
            isByTurns: record.isByTurns)
    }

    /// The downstream messages that answer an upstream one, rising.
    package func answers(to number: UInt64) -> [UInt64] {
        guard let span = exchange(number).answers else { return [] }
        // Pushes may lie between the answers.
        return span.filter { downstream.records[Int($0) - 1].answers(number) }
    }

    /// What a producer sends again when the connection is cut at this upstream message: it, those
    /// before it whose answers had not begun when its last byte was sent, and the whole of a group
    /// of which one is among them. Rising.
    package func resend(cutAt number: UInt64) -> [UInt64] {
        let cut = exchanges[Int(number) - 1]
        let cutEnd = upstream.records[Int(number) - 1].endedOrdinal
        func isOpen(_ other: UInt64) -> Bool {
            let exchange = exchanges[Int(other) - 1]
            if other == number { return true }
            if cut.isByTurns { return exchange.flight == cut.flight }
            return !exchange.isByTurns && upstream.records[Int(other) - 1].owesAnswers
                && !(exchange.firstAnswer > 0 && exchange.answerBeganOrdinal < cutEnd)
        }
        let cutGroup = upstream.records[Int(number) - 1].group
        var list: [UInt64] = []
        var first = UInt64(cut.resendFrom)
        while first <= number {
            let members = first...lastOfGroup(from: first, upTo: number)
            let group = upstream.records[Int(first) - 1].group
            // A group's last message speaks for it, and so does the cut for the group it lies in.
            if group > 0 && (group == cutGroup || isOpen(members.upperBound)) {
                list += members
            } else {
                list += members.filter(isOpen)
            }
            first = members.upperBound + 1
        }
        return list
    }

    /// How much of the answers to an upstream message had come when another one's last byte was
    /// sent.
    package func answer(to number: UInt64, before other: UInt64) -> AnswerProgress {
        let exchange = exchanges[Int(number) - 1]
        let sent = upstream.records[Int(other) - 1]
        guard exchange.firstAnswer > 0, exchange.answerBeganOrdinal < sent.endedOrdinal else {
            return .none
        }
        return exchange.isComplete && exchange.answerEnded < sent.ended ? .complete : .begun
    }

    private func lastOfGroup(from first: UInt64, upTo limit: UInt64) -> UInt64 {
        let group = upstream.records[Int(first) - 1].group
        var last = first
        while group > 0, last < limit, !upstream.records[Int(last) - 1].endsGroup,
            upstream.records[Int(last)].group == group
        {
            last += 1
        }
        return last
    }
}

/// How much of the answers to a message had come at some instant.
package enum AnswerProgress: Hashable, Sendable {
    case none, begun, complete
}

/// What became of an upstream message.
package struct Exchange: Hashable, Sendable {
    /// From the first answer's number to the last one's (pushes may lie between); nil without any.
    package var answers: ClosedRange<UInt64>?
    /// The first byte of the first answer, the last byte of the last one that came.
    package var answerBegan: Instant?
    package var answerEnded: Instant?
    /// Whether all answers came.
    package var isComplete: Bool
    /// From 1; messages that were each sent before the answers to the earlier ones began.
    package var flight: UInt64
    /// The answers to messages 1 to this one were complete before its first byte.
    package var dependsOn: UInt64
    /// So many bytes had come downstream before its first byte.
    package var dependsOnBytes: UInt64
    /// Its answers could not be told: its flight is a turn, and it waited for bytes alone.
    package var isByTurns = false
}
