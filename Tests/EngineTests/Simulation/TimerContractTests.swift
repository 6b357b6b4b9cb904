import Platform
import Simulation
import Testing

/// What `Network` promises of time, timers and turns, one body over each network.
struct TimerContractTests {
    @Test(arguments: Ground.allCases)
    func `timers fire once, in the order of their times, and never early`(ground: Ground) throws {
        let bench = try ground.makeBench()
        let start = bench.network.now
        let fired = TimerLog(bench.network)
        for milliseconds in [5, 1, 3, 1, 4, -2] as [Int64] {
            let time = start.advanced(byNanoseconds: milliseconds * 1_000_000)
            fired.timers[bench.network.schedule(at: time, fired)] = time
        }
        try bench.run { fired.times.count == 6 }
        #expect(fired.times == fired.times.sorted())
        #expect(fired.early == [])
        let more = bench.network.now.advanced(byNanoseconds: 10_000_000)
        fired.timers[bench.network.schedule(at: more, fired)] = more
        try bench.run { fired.times.last == more }
        #expect(fired.times.count == 7)
    }

    @Test(arguments: Ground.allCases)
    func `a cancelled timer does not fire, even when it is due in the same turn`(
        ground: Ground
    ) throws {
        let bench = try ground.makeBench()
        let time = bench.network.now.advanced(byNanoseconds: 1_000_000)
        let fired = TimerLog(bench.network)
        let first = Canceller()
        bench.network.schedule(at: time, first)
        first.victim = bench.network.schedule(at: time, fired)
        first.network = bench.network
        let later = TimerLog(bench.network)
        let token = bench.network.schedule(at: time.advanced(byNanoseconds: 1_000_000), later)
        later.timers[token] = time
        try bench.run { later.times.count == 1 }
        #expect(fired.times == [])
        bench.network.cancel(token)
    }

    @Test(arguments: Ground.allCases)
    func `what is called next turn is called once, later, and can go on the turn after`(
        ground: Ground
    ) throws {
        let bench = try ground.makeBench()
        let counter = TurnCounter(bench.network, 3)
        bench.network.callNextTurn(counter)
        #expect(counter.calls == 0)
        let clock = bench.network.readClock()
        try bench.run { counter.calls == 3 }
        #expect(!counter.wasNested)
        #expect(bench.network.readClock() >= clock)
    }
}

private final class TimerLog: TimerHandler {
    let network: any Network
    var timers: [TimerToken: MonotonicTime] = [:]
    /// The times for which the timers that fired were scheduled, in the order of firing.
    private(set) var times: [MonotonicTime] = []
    private(set) var early: [MonotonicTime] = []

    init(_ network: any Network) { self.network = network }

    func timerFired(_ timer: TimerToken) {
        guard let time = timers[timer] else { return times.append(network.now) }
        times.append(time)
        if network.now < time { early.append(time) }
    }
}

private final class Canceller: TimerHandler {
    var network: (any Network)?
    var victim: TimerToken?

    func timerFired(_ timer: TimerToken) {
        if let victim { network?.cancel(victim) }
    }
}

private final class TurnCounter: TurnHandler {
    let network: any Network
    let limit: Int
    private(set) var calls = 0
    private(set) var wasNested = false
    private var isInside = false

    init(_ network: any Network, _ limit: Int) {
        self.network = network
        self.limit = limit
    }

    func nextTurn() {
        wasNested = wasNested || isInside
        isInside = true
        calls += 1
        if calls < limit { network.callNextTurn(self) }
        isInside = false
    }
}
