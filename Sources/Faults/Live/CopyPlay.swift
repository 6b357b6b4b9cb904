import Recordings
import Text

/// What is said on the connection that was dialled for one copy of a live message.
///
///     dialling ──► session state, each message answered ──► the copy ──answered──► FIN ──► over
///        └──refused, not answered, answered by an error, ended by the server──► not sent
///
/// Time, bytes and ends go in; what to send and how to end come out. Whatever the server does, it
/// is over in bounded time.
package struct CopyPlay {
    /// A server is waited for so long: until it accepts, for each answer, and to take the bytes.
    package static let answerNanoseconds: Int64 = 5_000_000_000
    private static let patience = TimeAmount(nanoseconds: answerNanoseconds)
    /// Where a framer does not tell which answer is whose, they have come when nothing more does.
    package static let quietNanoseconds: Int64 = 50_000_000
    /// The server's end is waited for so long behind Weir's.
    package static let endNanoseconds: Int64 = 1_000_000_000

    /// The reason of one that was ended early.
    package static let interrupted = "interrupted"

    package enum Step: Hashable {
        case nothing
        /// The bytes of this part, from there on.
        case send(LiveRedelivery.Part, from: Int)
        /// No byte follows. Given once.
        case finish
        /// It is to be closed: the server has ended too.
        case close
        /// It is to be reset: the server does not end.
        case reset
    }

    private enum Phase: Hashable {
        case dialling
        /// This part is being sent, or its answers are awaited; the last one is the copy.
        case sending(Int)
        case awaiting(Int)
        case finishing, finished, over
    }

    /// Why the copy was not sent, or what became of it in the end; empty: all went well.
    package private(set) var reason = ""
    /// The socket took all of the copy.
    package private(set) var isSent = false

    private let parts: [LiveRedelivery.Part]
    private var conversation: Conversation
    private var phase = Phase.dialling
    private var sent = 0
    /// Requests that were sent and are not answered.
    private var owed: Set<UInt64> = []
    private var deadline: Instant
    private var hasServerEnded = false

    /// It is dialled at this instant.
    package init(_ redelivery: LiveRedelivery, at instant: Instant) {
        parts = redelivery.states + [redelivery.copy]
        let framer = try? redelivery.framing.makeFramer(units: redelivery.units)
        conversation = Conversation(framer: framer ?? nil)
        deadline = instant.advanced(byNanoseconds: Self.answerNanoseconds)
    }

    /// When `wake` is to be called; nil: it is over.
    package var nextWake: Instant? { phase == .over ? nil : deadline }

    /// What to do now; ask until it is nothing.
    package mutating func next(at instant: Instant) -> Step {
        switch phase {
        case .dialling, .awaiting, .over: return .nothing
        case .sending(let index): return .send(parts[index], from: sent)
        case .finishing:
            phase = .finished
            deadline = instant.advanced(byNanoseconds: Self.endNanoseconds)
            return .finish
        case .finished:
            guard hasServerEnded || deadline <= instant else { return .nothing }
            phase = .over
            return hasServerEnded ? .close : .reset
        }
    }

    package mutating func connected(at instant: Instant) {
        if phase == .dialling { send(0, at: instant) }
    }

    /// The socket took so many bytes of the part at hand.
    package mutating func took(_ count: Int, at instant: Instant) {
        guard case .sending(let index) = phase else { return }
        sent += count
        deadline = instant.advanced(byNanoseconds: Self.answerNanoseconds)
        guard sent == parts[index].bytes.count else { return }
        if index == parts.count - 1 { isSent = true }
        phase = .awaiting(index)
        goOnIfAnswered(at: instant)
    }

    package mutating func receive(_ bytes: Span<UInt8>, at instant: Instant) {
        var start = 0
        reading: while start < bytes.count {
            let rest = bytes.extracting(start..<bytes.count)
            switch conversation.advance(rest, .downstream, at: instant) {
            case .message(let consumed, let placed):
                start += consumed
                take(placed.message)
            case .needMore, .opaque: break reading
            case .lostSync(_, _, _, let reason):
                owed = []
                if !isSent {
                    fail("the server's answer to session state cannot be read: \(reason)")
                }
                break reading
            }
        }
        if case .awaiting = phase, !tellsAnswers {
            deadline = instant.advanced(byNanoseconds: Self.quietNanoseconds)
        }
        goOnIfAnswered(at: instant)
    }

    /// The server ended the connection, in order or not.
    package mutating func serverEnded() {
        hasServerEnded = true
        if !isSent { fail("the server ended the connection before the copy was sent") }
        finish()
    }

    /// It could not be dialled, or broke.
    package mutating func failed(_ reason: String) {
        if !isSent { fail(reason) }
        phase = .over
    }

    /// It is ended early.
    package mutating func stop() {
        if !isSent { fail(Self.interrupted) }
        phase = .over
    }

    /// Time has come to `instant`.
    package mutating func wake(at instant: Instant) {
        guard deadline <= instant else { return }
        switch phase {
        case .dialling:
            fail("the server did not accept within \(Self.patience)")
            phase = .over
        case .sending:
            if !isSent { fail("the server took nothing for \(Self.patience)") }
            finish()
        case .awaiting(let index):
            guard index < parts.count - 1 else { return finish() }
            guard tellsAnswers else { return send(index + 1, at: instant) }
            fail("the server did not answer its session state within \(Self.patience)")
            finish()
        case .finishing, .finished, .over: break
        }
    }

    /// Whether session state is sent or answered.
    private var isPreluding: Bool {
        switch phase {
        case .sending(let index), .awaiting(let index): index < parts.count - 1
        case .dialling, .finishing, .finished, .over: false
        }
    }

    /// Whether it is known which answers are still to come.
    private var tellsAnswers: Bool {
        conversation.pairsAnswers && conversation.downstream.opaque == nil
            && conversation.upstream.opaque == nil
    }

    private mutating func take(_ message: Message) {
        guard case .answer(let to, let completes, let isError) = message.role else { return }
        if completes { owed.remove(to) }
        // Those before it are answered, or never will be.
        if conversation.answersInOrder { owed = owed.filter { $0 >= to } }
        if isError, isPreluding { fail("the server answered its session state by an error") }
    }

    private mutating func goOnIfAnswered(at instant: Instant) {
        guard case .awaiting(let index) = phase else { return }
        if !reason.isEmpty { return finish() }
        guard tellsAnswers, owed.isEmpty else { return }
        if index == parts.count - 1 { finish() } else { send(index + 1, at: instant) }
    }

    private mutating func send(_ index: Int, at instant: Instant) {
        phase = .sending(index)
        sent = 0
        deadline = instant.advanced(byNanoseconds: Self.answerNanoseconds)
        let part = parts[index].bytes
        let bytes = part.span
        var start = 0
        while start < bytes.count {
            let rest = bytes.extracting(start..<bytes.count)
            guard
                case .message(let consumed, let placed) = conversation.advance(
                    rest, .upstream, at: instant)
            else { return }
            start += consumed
            if case .request(let answers) = placed.message.role, answers > 0 {
                owed.insert(placed.message.number)
            }
        }
    }

    private mutating func fail(_ why: String) {
        if reason.isEmpty { reason = why }
    }

    private mutating func finish() {
        switch phase {
        case .dialling, .sending, .awaiting: phase = .finishing
        case .finishing, .finished, .over: break
        }
    }
}
