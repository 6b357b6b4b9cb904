import Faults
import Platform
import Recordings

/// The connections of a replay that play a copy each, beside the recorded ones: when each begins,
/// and what becomes of the strikes that asked for them.
///
/// A strike is applied when its last copy was sent. One whose copies cannot all be sent, because
/// the consumer cannot be reached or ends the connection, says how many were.
final class Redeliveries {
    /// More are not open at once; those that are due wait for one to end.
    static let mostOpen = 256

    /// Makes connections, and hears when there are none left.
    protocol Owner: AnyObject {
        /// nil once the recorded connection has been played.
        func takeAttempt(of connection: UInt32) -> UInt16?
        func makeConnection(_ player: Player, _ receives: LinkSchedule) -> ReplayConnection
        func redeliveriesEnded()
    }

    private let wire: ReplayWire
    private weak var owner: (any Owner)?
    private var transcript: Transcript?
    private var schedule = Schedule(seed: 0)
    private var clock = ReplayClock(origin: .start, start: .start, speed: .asRecorded)
    private var places: [UInt32: Int] = [:]

    /// By the time at which they are due; before `head` they have begun.
    private var waiting: [Redelivery] = []
    private var head = 0
    private var open: [ReplayConnection] = []
    private var books: [String: Book] = [:]
    /// Of recorded connections that are over: the highest number that was given.
    private var attempts: [UInt32: UInt16] = [:]
    private var alarm = Alarm()
    private var isStopping = false

    /// What has become of one strike's copies so far.
    private struct Book {
        var copies: UInt16
        var sent: UInt16 = 0
        var over: UInt16 = 0
        var isTold = false
    }

    init(_ wire: ReplayWire) { self.wire = wire }

    func begin(
        _ transcript: Transcript, _ schedule: Schedule, _ clock: ReplayClock, owner: any Owner
    ) {
        self.transcript = transcript
        self.schedule = schedule
        self.clock = clock
        self.owner = owner
    }

    var isEmpty: Bool { open.isEmpty && head == waiting.count }

    /// It is to be played once it is due.
    func add(_ redelivery: Redelivery) {
        guard case .duplicate(let copies, _, _) = redelivery.strike.effect else { return }
        if books[redelivery.strike.id] == nil {
            books[redelivery.strike.id] = Book(copies: copies)
        }
        guard !isStopping else { return over(redelivery, "interrupted") }
        var place = waiting.count
        while place > head, waiting[place - 1].due > redelivery.due { place -= 1 }
        waiting.insert(redelivery, at: place)
        arm()
    }

    /// The recorded connection has been played; copies may still come.
    func originalEnded(_ connection: UInt32, attempts given: UInt16) {
        let isWaiting = waiting[head...].contains { $0.strike.connection == connection }
        if isWaiting { attempts[connection] = given }
    }

    /// The copy that this connection plays was sent whole.
    func sent(by connection: ReplayConnection) {
        guard let redelivery = connection.player.redelivery else { return }
        let id = redelivery.strike.id
        books[id]?.sent += 1
        if let book = books[id], book.sent == book.copies { tell(redelivery.strike, .applied) }
    }

    /// A connection that played a copy is over.
    func ended(_ connection: ReplayConnection) {
        guard let index = open.firstIndex(where: { $0 === connection }) else { return }
        open.remove(at: index)
        wire.result.counts.redeliveries += connection.player.attempt > 0 ? 1 : 0
        if let redelivery = connection.player.redelivery {
            over(redelivery, connection.player.endReason)
        }
        arm()
    }

    /// Ends them early; those that have not begun will not.
    func stop() {
        isStopping = true
        let rest = waiting[head...]
        (waiting, head) = ([], 0)
        for redelivery in rest { over(redelivery, "interrupted") }
        for connection in open { connection.stop() }
    }

    private func over(_ redelivery: Redelivery, _ reason: String) {
        guard var book = books[redelivery.strike.id] else { return }
        book.over += 1
        books[redelivery.strike.id] = book
        guard book.over == book.copies else { return }
        if book.sent > 0 {
            tell(redelivery.strike, .applied, "with \(book.sent) of its copies: \(reason)")
        } else {
            tell(redelivery.strike, .preempted, reason)
        }
        books[redelivery.strike.id] = nil
    }

    /// Each strike has one outcome.
    private func tell(
        _ strike: Strike, _ result: StrikeOutcome.Result, _ reason: String = ""
    ) {
        guard books[strike.id]?.isTold == false else { return }
        books[strike.id]?.isTold = true
        let outcome = StrikeOutcome(id: strike.id, result: result, reason: reason)
        wire.result.count(outcome)
        wire.tell(
            Event(
                at: wire.now(), connection: strike.connection, attempt: 1,
                direction: strike.direction, .strike(outcome)))
    }

    // MARK: - Beginning

    private func arm() {
        guard head < waiting.count, open.count < Self.mostOpen else { return }
        alarm.set(at: wire.time(of: waiting[head].due), on: wire.network, for: self)
    }

    private func beginDue() {
        while head < waiting.count, open.count < Self.mostOpen, waiting[head].due <= wire.now() {
            let redelivery = waiting[head]
            head += 1
            if head >= 256, head * 2 >= waiting.count {
                waiting.removeFirst(head)
                head = 0
            }
            begin(redelivery)
        }
        arm()
    }

    private func begin(_ redelivery: Redelivery) {
        let number = redelivery.strike.connection
        guard let owner, let transcript, let place = place(of: number) else {
            return over(redelivery, "connection \(number) is not in the recording")
        }
        let attempt = owner.takeAttempt(of: number) ?? nextAttempt(of: number)
        guard attempt < .max else {
            return over(redelivery, "connection \(number) has used up its 65,534 attempts")
        }
        let recorded = transcript.connections[place]
        let player = Player(
            redelivery, of: recorded,
            schedule.link(connection: number, route: recorded.route, .upstream),
            attempt: attempt, wire.settings, clock)
        let connection = owner.makeConnection(
            player, schedule.link(connection: number, route: recorded.route, .downstream))
        open.append(connection)
        connection.run()
    }

    /// Of a recorded connection that is over.
    private func nextAttempt(of number: UInt32) -> UInt16 {
        let given = attempts[number] ?? 1
        attempts[number] = given == .max ? .max : given + 1
        return attempts[number] ?? .max
    }

    private func place(of number: UInt32) -> Int? {
        if places.isEmpty, let transcript {
            for (index, connection) in transcript.connections.enumerated()
            where places[connection.number] == nil {
                places[connection.number] = index
            }
        }
        return places[number]
    }
}

extension Redeliveries: TimerHandler {
    func timerFired(_ timer: TimerToken) {
        guard alarm.wasSet(by: timer) else { return }
        beginDue()
        if isEmpty { owner?.redeliveriesEnded() }
    }
}
