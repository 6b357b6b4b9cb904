import CLinux
import Glibc

/// The kernel's network: one epoll loop on one thread, which creates it and runs it.
///
/// ```
/// one turn:  wait ─► read the clock ─► readiness (sockets, listeners, doorbells, signals)
///                                  ─► timers that are due ─► what was called for this turn
/// ```
package final class SystemNetwork: Network {
    /// How long before a deadline `spinsBeforeDeadlines` stops sleeping: about what it takes to
    /// wake.
    package static let spinNanoseconds: Int64 = 60_000

    /// Waits for deadlines without sleeping in the last 60 µs: they are met within a microsecond,
    /// and one core is busy meanwhile (see `spunNanoseconds`).
    package var spinsBeforeDeadlines = false

    /// Uses another congestion control on loopback connections than the machine's default, which
    /// may pace them (bbr halves the throughput there). Set before listening and dialling.
    package var prefersLocalCongestionControl = false

    /// How long the loop has spun, altogether.
    package private(set) var spunNanoseconds: Int64 = 0

    package private(set) var now: MonotonicTime

    let poller: Poller
    private var timers = TimerQueue()
    private var due: [TimerToken] = []
    private var nextTurnHandlers: [any TurnHandler] = []
    private var thisTurnHandlers: [any TurnHandler] = []
    private var isRunning = false
    private var heard: [Signal] = []

    /// Has the kernel wake this thread punctually. In the whole process, what would kill it
    /// (SIGPIPE, SIGXFSZ) becomes an error of the call that caused it.
    package init() throws(Errno) {
        poller = try Poller()
        now = MonotonicClock.read()
        try Errno.check(weir_ignore_signal(SIGPIPE))
        try Errno.check(weir_ignore_signal(SIGXFSZ))
        try Errno.check(weir_set_timer_slack(1))
    }

    deinit {
        poller.removeAll()
    }

    package func readClock() -> MonotonicTime { MonotonicClock.read() }

    @discardableResult
    package func schedule(at time: MonotonicTime, _ handler: any TimerHandler) -> TimerToken {
        timers.add(at: time, handler)
    }

    package func cancel(_ timer: TimerToken) {
        let handler = timers.cancel(timer)
        withExtendedLifetime(handler) {}
    }

    package func callNextTurn(_ handler: any TurnHandler) { nextTurnHandlers.append(handler) }

    /// A bell that other threads ring to have `handler` called on this one.
    package func makeDoorbell(_ handler: any DoorbellHandler) throws(Errno) -> Doorbell {
        let doorbell = try Doorbell()
        _ = try DoorbellSource(doorbell, handler, poller: poller)
        return doorbell
    }

    /// Stops listening for a doorbell; ringing it has no effect then.
    package func remove(_ doorbell: Doorbell) { poller.remove(doorbell) }

    /// Hears these signals as events from now on, instead of what they would do to the process.
    /// Before other threads are started: only they inherit that the signals are blocked.
    package func hear(
        _ signals: [Signal], _ handler: any SignalHandler
    ) throws(Errno) {
        _ = try SignalSource(signals, handler, poller: poller)
        heard += signals
    }

    /// After the loop's last turn: signals do again what they do to a process that hears none.
    package func stopHearing() {
        let numbers = heard.map(\.rawValue)
        _ = weir_unblock_signals(numbers, Int32(numbers.count))
        heard = []
    }

    /// Runs turn after turn until `stop` is called.
    package func run() {
        precondition(!isRunning, "the loop is run inside a callback")
        isRunning = true
        while isRunning { turn() }
    }

    /// Ends `run` after this turn.
    package func stop() { isRunning = false }

    /// One turn; it waits for at most so many nanoseconds, or for ever, when nothing is to do.
    package func turn(waitingAtMost limit: Int64 = .max) {
        let count = wait(atMost: limit)
        swap(&thisTurnHandlers, &nextTurnHandlers)
        for index in 0..<count { poller.tell(index) }
        fireTimers()
        for handler in thisTurnHandlers { handler.nextTurn() }
        thisTurnHandlers.removeAll(keepingCapacity: true)
    }

    private func fireTimers() {
        // Those that are due now: one that a callback schedules for at once waits for its turn.
        while let timer = timers.removeDue(at: now) { due.append(timer) }
        guard !due.isEmpty else { return }
        for timer in due { timers.takeHandler(of: timer)?.timerFired(timer) }
        due.removeAll(keepingCapacity: true)
    }
}

/// Waiting.
extension SystemNetwork {
    private func wait(atMost limit: Int64) -> Int {
        var count: Int
        if !nextTurnHandlers.isEmpty || limit <= 0 {
            count = poller.wait(nanoseconds: 0)
        } else if let deadline = timers.nextTime {
            count = wait(atMost: limit, deadline)
        } else {
            count = poller.wait(nanoseconds: limit == .max ? -1 : limit)
        }
        now = MonotonicClock.read()
        return count
    }

    private func wait(atMost limit: Int64, _ deadline: MonotonicTime) -> Int {
        let left = deadline.nanoseconds(since: MonotonicClock.read())
        guard spinsBeforeDeadlines else {
            return poller.wait(nanoseconds: max(0, min(left, limit)))
        }
        if left > Self.spinNanoseconds {
            let sleep = min(left - Self.spinNanoseconds, limit)
            let count = poller.wait(nanoseconds: sleep)
            if count > 0 || sleep == limit { return count }
        }
        return spin(until: deadline)
    }

    private func spin(until deadline: MonotonicTime) -> Int {
        let start = MonotonicClock.read()
        var time = start
        var count = 0
        // At least once, so that late timers do not keep the sockets from being heard.
        repeat {
            count = poller.wait(nanoseconds: 0)
            time = MonotonicClock.read()
        } while count == 0 && time < deadline
        spunNanoseconds += time.nanoseconds(since: start)
        return count
    }
}

extension MonotonicTime {
    /// How long after `earlier` this is; it stops at the ends of the clock.
    package func nanoseconds(since earlier: MonotonicTime) -> Int64 {
        let (difference, overflow) =
            nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return overflow ? (nanoseconds < earlier.nanoseconds ? .min : .max) : difference
    }
}
