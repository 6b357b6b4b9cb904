import Faults
import Platform
import Recordings

/// The connections that a proxy dials for copies of live messages, one each: when each begins, and
/// what becomes of the strikes that asked for them.
///
/// A strike is applied when its last copy was sent. One whose copies cannot all be sent says how
/// many were, and why not the others.
final class LiveCopies {
    /// More are not open at once; those that are due wait for one to end.
    static let mostOpen = 256
    /// Strikes with copies that wait.
    static let mostWaiting = 4_096
    /// Bytes of copies that wait or are being sent, with the session state that goes before them.
    static let mostHeldBytes = 64 << 20
    /// Attempts are numbered in 16 bits; the first is the client's.
    static let mostAttempts = UInt16.max - 1

    /// The copies of one strike.
    final class Batch {
        let redelivery: LiveRedelivery
        /// The copy that begins next, from 1, and when.
        fileprivate(set) var next: UInt16 = 1
        fileprivate(set) var due: Instant
        fileprivate var sent: UInt16 = 0
        fileprivate var over: UInt16 = 0
        fileprivate var isTold = false

        fileprivate init(_ redelivery: LiveRedelivery, at instant: Instant) {
            self.redelivery = redelivery
            due = instant.advanced(byNanoseconds: redelivery.afterNanoseconds)
        }

        var connection: UInt32 { redelivery.strike.connection }
    }

    private unowned let proxy: Proxy
    /// By the time at which the next copy is due.
    private var waiting: [Batch] = []
    private var heldBytes = 0
    private var open: [CopyConnection] = []
    /// By connection: the highest number that was given. For as long as more may be asked for.
    private var attempts: [UInt32: UInt16] = [:]
    private var alarm = Alarm()
    private var isStopping = false

    init(of proxy: Proxy) { self.proxy = proxy }

    private var session: Session { proxy.session }

    /// Nothing is open, and nothing waits.
    var isEmpty: Bool { open.isEmpty && waiting.isEmpty }

    /// The original was sent.
    func add(_ redelivery: LiveRedelivery) {
        let batch = Batch(redelivery, at: session.instant)
        guard !isStopping else { return tell(batch, .preempted, CopyPlay.interrupted) }
        guard waiting.count < Self.mostWaiting else {
            return tell(batch, .skipped, "copies of \(Self.mostWaiting) strikes wait already")
        }
        guard redelivery.bytes <= Self.mostHeldBytes - heldBytes else {
            let most = Self.mostHeldBytes >> 20
            return tell(batch, .skipped, "more than \(most) MiB of copies would wait")
        }
        heldBytes += redelivery.bytes
        enter(batch)
        arm()
    }

    /// The original was not sent whole.
    func lose(_ redelivery: LiveRedelivery) {
        let reason = "its connection ended before it was sent whole"
        tell(Batch(redelivery, at: session.instant), .preempted, reason)
    }

    /// The client's connection is over; copies may still come.
    func originalEnded(_ connection: UInt32) { forget(connection) }

    /// A copy was sent whole.
    func sent(_ batch: Batch) {
        batch.sent += 1
        session.counters.redeliveries += 1
        if batch.sent == batch.redelivery.copies { tell(batch, .applied) }
    }

    /// A copy's connection is over.
    func ended(_ connection: CopyConnection, _ batch: Batch, _ reason: String) {
        open.removeAll { $0 === connection }
        over(batch, 1, reason)
        forget(batch.connection)
        if isStopping { return }
        arm()
    }

    /// Ends them early; those that have not begun will not.
    func stop() {
        isStopping = true
        alarm.cancel(on: session.network)
        let rest = waiting
        waiting = []
        for batch in rest {
            over(batch, batch.redelivery.copies - batch.next + 1, CopyPlay.interrupted)
        }
        for connection in open { connection.stop() }
    }

    private func over(_ batch: Batch, _ copies: UInt16, _ reason: String) {
        batch.over += copies
        guard batch.over == batch.redelivery.copies else { return }
        heldBytes -= batch.redelivery.bytes
        guard !batch.isTold else { return }
        if batch.sent > 0 {
            tell(batch, .applied, "with \(batch.sent) of its copies: \(reason)")
        } else {
            tell(batch, reason == CopyPlay.interrupted ? .preempted : .skipped, reason)
        }
    }

    /// Each strike has one outcome.
    private func tell(_ batch: Batch, _ result: StrikeOutcome.Result, _ reason: String = "") {
        batch.isTold = true
        var strike = batch.redelivery.strike
        strike.outcome.result = result
        strike.outcome.reason = reason
        proxy.rules?.count(strike)
        session.tell(strike)
    }

    private func enter(_ batch: Batch) {
        var place = waiting.count
        while place > 0, waiting[place - 1].due > batch.due { place -= 1 }
        waiting.insert(batch, at: place)
    }

    private func arm() {
        guard let due = waiting.first?.due, open.count < Self.mostOpen else { return }
        alarm.set(at: session.recorder.time(of: due), on: session.network, for: self)
    }

    private func begin(_ batch: Batch) {
        let copy = batch.next
        batch.next += 1
        batch.due = batch.due.advanced(byNanoseconds: batch.redelivery.afterNanoseconds)
        if batch.next <= batch.redelivery.copies { enter(batch) }
        let attempt = attempts[batch.connection, default: 1]
        guard attempt < Self.mostAttempts else {
            let reason = "its connection has used up its \(Self.mostAttempts - 1) attempts"
            return over(batch, 1, reason)
        }
        attempts[batch.connection] = attempt + 1
        let connection = CopyConnection(batch, copy: copy, attempt: attempt + 1, of: self)
        open.append(connection)
        connection.begin(to: proxy.routes[batch.redelivery.route].upstream, in: session)
    }

    /// A number is given for as long as another may be asked for.
    private func forget(_ connection: UInt32) {
        guard attempts[connection] != nil, !proxy.isOpen(connection),
            !waiting.contains(where: { $0.connection == connection })
        else { return }
        attempts[connection] = nil
    }
}

extension LiveCopies: TimerHandler {
    func timerFired(_ timer: TimerToken) {
        guard alarm.wasSet(by: timer) else { return }
        let instant = session.instant
        while let batch = waiting.first, batch.due <= instant, open.count < Self.mostOpen {
            waiting.removeFirst()
            begin(batch)
        }
        arm()
    }
}
