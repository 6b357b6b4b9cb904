/// The facts of one connection in the order that decides flights, dependencies and resends.
///
/// An upstream message stands where its last byte did, the beginning of an answer where its first
/// byte did. Whether bytes downstream begin an answer is known only when their message ends, so
/// upstream messages that end meanwhile are held back until then (at most `heldMessages`).
///
/// Where answers cannot be paired (no framer, `pairing=none`, a downstream link that is opaque) the
/// tracker goes by turns: the first bytes downstream after some upstream begin the answers to all.
///
/// Feed it with `receive`, and then take what is certain with `next` until that gives nil. What the
/// tracker says of itself (`resendRanges`) is as of the fact that `next` gave last.
package struct ExchangeTracker: Sendable {
    /// More upstream messages than this are not held back for one downstream message: they are then
    /// told before the beginning of the answer that it may be.
    package static let heldMessages = 65_536

    package enum Fact: Hashable, Sendable {
        /// A message was whole.
        case message(Tracked)
        /// The first byte of the first answer to upstream message `to`; told before the message
        /// that it begins. A server that answers early has it told before message `to` itself.
        case answerBegan(to: UInt64, at: Instant, ordinal: UInt64)
        /// The last byte of the last answer; told after the message that it ends.
        case answerCompleted(to: UInt64, at: Instant, ordinal: UInt64)
        /// Bytes of the other direction came; told only where the tracker goes by turns.
        case turned(to: Direction, at: Instant, ordinal: UInt64)
        /// From this offset on a link holds no more messages.
        case opaque(Direction, offset: UInt64, reason: String)
    }

    /// A message with its place in the order of events.
    package struct Tracked: Hashable, Sendable {
        package var placed: Conversation.Placed
        /// The ordinals of the events that brought its first and its last byte.
        package var beganOrdinal: UInt64
        package var endedOrdinal: UInt64
        /// Upstream: from 1; messages each sent before the answers to the earlier ones began.
        package var flight: UInt64 = 0
        /// Upstream: the answers to messages 1 to this one were complete before its first byte
        /// (messages that are owed none are complete); 0: it waited for none.
        package var dependsOn: UInt64 = 0
        /// Upstream: so many bytes had come downstream before its first byte.
        package var dependsOnBytes: UInt64 = 0
        /// Upstream: answers are not paired, so that the flight is a turn.
        package var isByTurns = false
        /// Upstream: the first message that a producer sends again when the connection is cut here.
        package var resendFrom: UInt64 = 0

        package var number: UInt64 { placed.message.number }
    }

    /// What is known of a message when its first byte comes.
    private struct Beginning: Sendable {
        var ordinal: UInt64
        var dependsOn: UInt64
        var dependsOnBytes: UInt64
    }

    private let answersInOrder: Bool
    private var goesByTurns: Bool
    private var partial: PerDirection<Beginning?> = PerDirection(nil)
    private var sentCount: UInt64 = 0
    /// Upstream messages whose answers have not all come, as of what was received.
    private var incomplete = MessageNumbers()
    /// The highest message whose last answer came; by turns, that was whole before the last turn.
    private var lastCompleted: UInt64 = 0
    /// Those that have begun, where answers are several.
    private var begun: Set<UInt64> = []
    /// Upstream messages that were answered to the end before they were whole.
    private var completedEarly: Set<UInt64> = []
    private var turn: Direction?
    private var held: [Fact] = []
    private var certain: [Fact] = []
    private var told = 0
    private var book: ExchangeBook

    package init(_ conversation: Conversation) {
        answersInOrder = conversation.answersInOrder
        goesByTurns = !conversation.pairsAnswers
        book = ExchangeBook(goesByTurns: goesByTurns, answersInOrder: answersInOrder)
    }

    /// Takes a chunk through the conversation.
    /// - Parameter ordinal: of the chunk's event, rising.
    package mutating func receive(
        _ bytes: Span<UInt8>, _ direction: Direction, at instant: Instant, ordinal: UInt64,
        in conversation: inout Conversation
    ) {
        var start = 0
        while start < bytes.count {
            let rest = bytes.extracting(start..<bytes.count)
            let step = conversation.advance(rest, direction, at: instant)
            receive(step, direction, at: instant, ordinal: ordinal, of: conversation)
            switch step {
            case .message(let consumed, _), .lostSync(let consumed, _, _, _): start += consumed
            case .needMore, .opaque: return
            }
        }
    }

    /// Takes one step of the conversation, which has just made it.
    package mutating func receive(
        _ step: Conversation.Step, _ direction: Direction, at instant: Instant, ordinal: UInt64,
        of conversation: Conversation
    ) {
        if goesByTurns { takeTurn(direction, at: instant, ordinal: ordinal) }
        switch step {
        case .message(_, let placed):
            let beginning =
                partial[direction] ?? begin(direction, ordinal: ordinal, in: conversation, placed)
            partial[direction] = nil
            if direction == .upstream {
                send(placed, beginning, ordinal)
            } else {
                answer(placed, beginning, ordinal)
            }
        case .needMore:
            if partial[direction] == nil && conversation[direction].partial != nil {
                partial[direction] = begin(direction, ordinal: ordinal, in: conversation, nil)
            }
        case .lostSync(_, _, let offset, let reason):
            lose(direction, offset: offset, reason: reason)
        case .opaque:
            break
        }
    }

    /// Bytes of a link are missing; the conversation has been told.
    package mutating func gap(_ direction: Direction, of conversation: Conversation) {
        guard let opaque = conversation[direction].opaque else { return }
        lose(direction, offset: opaque.offset, reason: opaque.reason)
    }

    /// A link ended in order, and with it the message that lasts until then, if one does.
    package mutating func finish(
        _ direction: Direction, at instant: Instant, ordinal: UInt64,
        in conversation: inout Conversation
    ) {
        guard let placed = conversation.finish(direction, at: instant) else { return }
        receive(
            .message(consumed: 0, placed), direction, at: instant, ordinal: ordinal,
            of: conversation)
    }

    /// The connection ended: what is held back is told, and a message that is not whole stays so.
    package mutating func finish() {
        releaseHeld()
        partial = PerDirection(nil)
    }

    /// The next fact that is certain.
    package mutating func next() -> Fact? {
        guard told < certain.count else {
            certain.removeAll(keepingCapacity: certain.count <= 4_096)
            told = 0
            return nil
        }
        let fact = certain[told]
        told += 1
        return book.enter(fact)
    }

    /// What a producer sends again when the connection is cut at the upstream message told last:
    /// it, the messages before it whose answers had not begun, and the whole of a group of which
    /// one is among them. Rising, apart.
    package var resendRanges: [ClosedRange<UInt64>] { book.resendRanges }

    // MARK: - What comes in

    private func begin(
        _ direction: Direction, ordinal: UInt64, in conversation: Conversation,
        _ placed: Conversation.Placed?
    ) -> Beginning {
        guard direction == .upstream else {
            return Beginning(ordinal: ordinal, dependsOn: 0, dependsOnBytes: 0)
        }
        let complete = min((incomplete.first ?? .max) - 1, lastCompleted)
        return Beginning(
            ordinal: ordinal, dependsOn: complete, dependsOnBytes: conversation.downstream.offset)
    }

    private mutating func send(
        _ placed: Conversation.Placed, _ beginning: Beginning, _ ordinal: UInt64
    ) {
        sentCount = placed.message.number
        if case .request(let answers) = placed.message.role, answers > 0, !goesByTurns,
            completedEarly.remove(placed.message.number) == nil
        {
            incomplete.append(placed.message.number)
        }
        tellUpstream(
            .message(
                Tracked(
                    placed: placed, beganOrdinal: beginning.ordinal, endedOrdinal: ordinal,
                    dependsOn: beginning.dependsOn, dependsOnBytes: beginning.dependsOnBytes)))
    }

    private mutating func answer(
        _ placed: Conversation.Placed, _ beginning: Beginning, _ ordinal: UInt64
    ) {
        let message = Fact.message(
            Tracked(placed: placed, beganOrdinal: beginning.ordinal, endedOrdinal: ordinal))
        guard case .answer(let to, let completes, _) = placed.message.role else {
            releaseHeld()
            certain.append(message)
            return
        }
        let isFirst = begun.isEmpty || !begun.contains(to)
        if isFirst {
            certain.append(.answerBegan(to: to, at: placed.began, ordinal: beginning.ordinal))
            if answersInOrder { passOver(before: to) }
        }
        releaseHeld()
        certain.append(message)
        if completes {
            if to > sentCount { completedEarly.insert(to) }
            incomplete.remove(to)
            lastCompleted = max(lastCompleted, to)
            if !isFirst { begun.remove(to) }
            certain.append(.answerCompleted(to: to, at: placed.ended, ordinal: ordinal))
        } else if isFirst {
            begun.insert(to)
        }
    }

    /// What came before the message whose answer begins is answered, or never will be.
    private mutating func passOver(before number: UInt64) {
        incomplete.remove(through: number - 1)
        begun.removeAll(keepingCapacity: true)
    }

    private mutating func lose(_ direction: Direction, offset: UInt64, reason: String) {
        partial[direction] = nil
        guard direction == .downstream else {
            tellUpstream(.opaque(.upstream, offset: offset, reason: reason))
            return
        }
        releaseHeld()
        certain.append(.opaque(.downstream, offset: offset, reason: reason))
        goesByTurns = true
        turn = nil
        incomplete.removeAll()
        begun.removeAll()
        completedEarly.removeAll()
    }

    private mutating func takeTurn(
        _ direction: Direction, at instant: Instant, ordinal: UInt64
    ) {
        guard turn != direction else { return }
        turn = direction
        if direction == .downstream { lastCompleted = sentCount }
        certain.append(.turned(to: direction, at: instant, ordinal: ordinal))
    }

    private mutating func tellUpstream(_ fact: Fact) {
        guard !goesByTurns, partial.downstream != nil else {
            certain.append(fact)
            return
        }
        held.append(fact)
        if held.count >= Self.heldMessages { releaseHeld() }
    }

    private mutating func releaseHeld() {
        guard !held.isEmpty else { return }
        certain.append(contentsOf: held)
        held.removeAll(keepingCapacity: held.count <= 4_096)
    }
}
