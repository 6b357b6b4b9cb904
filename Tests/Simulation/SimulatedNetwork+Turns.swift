import Platform

/// Running the simulated network: turn by turn, as an event loop does, over virtual time.
extension SimulatedNetwork {
    /// A run's greatest number of turns, so that what never comes to rest fails instead of hangs.
    package static let turnLimit = 1_000_000

    /// Runs until nothing is left to happen: no packet, no edge, no timer, no callback.
    package func runUntilIdle(limit: Int = turnLimit) throws(SimulationError) {
        try turns(limit: limit) { false }
    }

    /// Runs everything up to and including `time`, and sets the clock to it.
    package func run(
        until time: MonotonicTime, limit: Int = turnLimit
    ) throws(SimulationError) {
        try turns(limit: limit) { nextTurnTime.map { $0 > time } ?? true }
        clock = max(clock, time)
        now = clock
    }

    /// Runs everything of the next so many nanoseconds, and sets the clock to their end.
    package func run(
        forNanoseconds nanoseconds: Int64, limit: Int = turnLimit
    ) throws(SimulationError) {
        try run(until: clock.advanced(byNanoseconds: nanoseconds), limit: limit)
    }

    /// Runs until `isDone`, asked after every turn. Throws when everything came to rest before.
    package func run(
        limit: Int = turnLimit, until isDone: () -> Bool
    ) throws(SimulationError) {
        try turns(limit: limit, until: isDone)
        if !isDone() {
            throw SimulationError(
                what: "all is at rest, and what was waited for has not come", self)
        }
    }

    private func turns(limit: Int, until isDone: () -> Bool) throws(SimulationError) {
        precondition(!isRunning, "the network is run inside a callback")
        isRunning = true
        defer { isRunning = false }
        var count = 0
        while !isDone(), turn() {
            if let violation = violations.first { throw SimulationError(what: violation, self) }
            count += 1
            if count >= limit {
                throw SimulationError(what: "not at rest after \(limit) turns", self)
            }
        }
    }

    /// When the next turn is due; nil when nothing is left to happen.
    var nextTurnTime: MonotonicTime? {
        while let timer = timers.first, timerHandlers[timer.payload] == nil { timers.removeFirst() }
        let hasWork =
            !readySockets.isEmpty || !nextTurnHandlers.isEmpty || listeners.contains { $0.isReady }
        if hasWork { return clock }
        let timer = timers.first?.time.advanced(byNanoseconds: timerLateness)
        let times = [packets.first?.time, timer].compactMap { $0 }
        return times.min().map { max($0, clock) }
    }

    /// One turn of the loop: what arrives by its time, then readiness, accepts, timers that are
    /// due, and the callbacks for this turn. False when nothing was left to happen.
    private func turn() -> Bool {
        guard let time = nextTurnTime else { return false }
        clock = time
        receivePackets()
        now = clock
        let callbacks = nextTurnHandlers
        nextTurnHandlers = []
        tellReadiness()
        for listener in listeners where listener.isReady { listener.accept() }
        fireTimers()
        for callback in callbacks { callback.nextTurn() }
        return true
    }

    private func receivePackets() {
        while let packet = packets.first, packet.time <= clock {
            packets.removeFirst()
            packet.payload.arrive()
            if dice.roll(misbehaviour.splitTurns) { return }
        }
    }

    private func tellReadiness() {
        var ready = readySockets
        readySockets = []
        if dice.roll(misbehaviour.shuffledTurns) { dice.shuffle(&ready) }
        for socket in ready { socket.tellReadiness() }
    }

    private func fireTimers() {
        // Those that are due now: one that a callback schedules for at once waits for its turn.
        var due: [TimerToken] = []
        while let timer = timers.first, timer.time <= now {
            timers.removeFirst()
            due.append(timer.payload)
        }
        for timer in due { timerHandlers.removeValue(forKey: timer)?.timerFired(timer) }
        timerLateness =
            dice.roll(misbehaviour.lateTimers) ? dice.draw(below: misbehaviour.lateness) : 0
    }
}

/// A simulated run that cannot go on or broke the contract: what, when, with which seed, and what
/// was still to happen.
package struct SimulationError: Error, CustomStringConvertible {
    package let description: String

    init(what: String, _ network: SimulatedNetwork) {
        let pending = network.packets.sorted.map { "\($0.time.inMilliseconds) \($0.payload)" }
        let timers = network.timers.sorted
            .filter { network.timerHandlers[$0.payload] != nil }
            .map { "\($0.time.inMilliseconds) timer \($0.payload.id)" }
        let callbacks = network.nextTurnHandlers.map { "next turn of \(type(of: $0))" }
        let ready = network.readySockets.map { "readiness of \($0)" }
        let all = ready + callbacks + pending + timers
        let shown = all.prefix(12) + (all.count > 12 ? ["and \(all.count - 12) more"] : [])
        let sockets = network.openSockets.prefix(24)
        description = """
            \(what) (seed \(network.seed), at \(network.clock.inMilliseconds))
            pending: \(shown.isEmpty ? "nothing" : shown.joined(separator: "\n         "))
            open:    \(sockets.isEmpty ? "nothing" : sockets.joined(separator: "\n         "))
            """
    }
}

extension MonotonicTime {
    /// So many milliseconds after the simulation's start.
    package static func milliseconds(_ amount: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: amount * 1_000_000)
    }

    /// `12ms`, or `12.0345ms` where it is not a whole number of them.
    package var inMilliseconds: String {
        let whole = nanoseconds / 1_000_000
        let rest = String(nanoseconds % 1_000_000)
        if rest == "0" { return "\(whole)ms" }
        var digits = String(repeating: "0", count: 6 - rest.count) + rest
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)ms"
    }
}
