import Glibc
import Synchronization
import Testing

@testable import Platform

@Suite struct SystemNetworkTests {
    private let network: SystemNetwork

    init() throws { network = try SystemNetwork() }

    @Test func `a bell that another thread rings is heard here, and no ring is lost`() throws {
        let ringer = Ringer()
        let heard = BellLog(ringer)
        let bell = try network.makeDoorbell(heard)
        try SystemThread.start {
            for _ in 0..<1_000 { ringer.ring(bell) }
        }
        try network.run { heard.last == 1_000 }
        #expect(heard.calls <= 1_000)
        let calls = heard.calls
        network.remove(bell)
        bell.ring()
        network.turn(waitingAtMost: 0)
        #expect(heard.calls == calls)
    }

    @Test func `a signal is an event`() throws {
        let log = SignalLog()
        try network.hear([.userTwo, .windowChanged], log)
        pthread_kill(pthread_self(), SIGUSR2)
        pthread_kill(pthread_self(), SIGWINCH)
        try network.run { log.signals.count == 2 }
        #expect(Set(log.signals) == [.userTwo, .windowChanged])
    }

    @Test(arguments: [false, true])
    func `a deadline is met, and never early`(spins: Bool) throws {
        network.spinsBeforeDeadlines = spins
        let log = FiringLog(network)
        let start = network.readClock()
        let times = (1...20).map { start.advanced(byNanoseconds: $0 * 300_000) }
        for time in times { network.schedule(at: time, log) }
        try network.run { log.firings.count == 20 }
        for (time, firing) in zip(times, log.firings) { #expect(firing >= time) }
        #expect((network.spunNanoseconds > 0) == spins)
    }

    @Test func `a signal that a handler takes does not end the wait for a timer`() throws {
        signal(SIGURG) { _ in }
        let log = FiringLog(network)
        let time = network.readClock().advanced(byNanoseconds: 20_000_000)
        network.schedule(at: time, log)
        let isDone = Flag()
        let target = pthread_self()
        try SystemThread.start {
            while !isDone.isSet { pthread_kill(target, SIGURG); usleep(500) }
            isDone.hasEnded = true
        }
        try network.run { !log.firings.isEmpty }
        isDone.isSet = true
        while !isDone.hasEnded { sched_yield() }
        #expect(try #require(log.firings.first) >= time)
    }

    @Test func `a handler that goes with its timer may cancel another`() {
        let first = Owner(network)
        first.timer = network.schedule(at: network.now, first)
        var second: Owner? = Owner(network)
        second?.timer = first.timer
        let time = network.now.advanced(byNanoseconds: 1_000_000_000)
        let timer = second.map { network.schedule(at: time, $0) }
        second = nil
        if let timer { network.cancel(timer) }
        network.turn(waitingAtMost: 0)
        #expect(!first.hasFired)
    }

    @Test func `the loop runs until it is stopped, and may run again`() {
        let stopper = Stopper(network)
        network.callNextTurn(stopper)
        network.run()
        network.callNextTurn(stopper)
        network.run()
        #expect(stopper.calls == 2)
    }

    @Test func `a loop that is let go closes its sockets`() throws {
        let probes = Acceptor()
        weak var socket: SystemSocket?
        do {
            let network = try SystemNetwork()
            let address = SocketAddress.ipv4(bytes: [127, 0, 0, 1], port: 0)
            let listener = try network.listen(on: address, handler: probes)
            socket = network.dial(listener.address, handler: probes) as? SystemSocket
            try network.run { probes.sockets.count == 1 }
            #expect(socket != nil)
        }
        #expect(socket == nil)
    }
}

private final class Ringer: Sendable {
    private let count = Mutex(0)
    var rings: Int { count.withLock { $0 } }

    func ring(_ bell: Doorbell) {
        count.withLock { $0 += 1 }
        bell.ring()
    }
}

private final class BellLog: DoorbellHandler {
    private let ringer: Ringer
    private(set) var last = 0
    private(set) var calls = 0

    init(_ ringer: Ringer) { self.ringer = ringer }

    func doorbellRang(_ doorbell: Doorbell) {
        calls += 1
        last = ringer.rings
    }
}

final class SignalLog: SignalHandler {
    var signals: [Signal] = []
    func received(_ signal: Signal) { signals.append(signal) }
}

private final class Flag: Sendable {
    private let flags = Mutex((isSet: false, hasEnded: false))
    var isSet: Bool {
        get { flags.withLock { $0.isSet } }
        set { flags.withLock { $0.isSet = newValue } }
    }
    var hasEnded: Bool {
        get { flags.withLock { $0.hasEnded } }
        set { flags.withLock { $0.hasEnded = newValue } }
    }
}

private final class FiringLog: TimerHandler {
    private let network: SystemNetwork
    private(set) var firings: [MonotonicTime] = []

    init(_ network: SystemNetwork) { self.network = network }

    func timerFired(_ timer: TimerToken) { firings.append(network.readClock()) }
}

/// Cancels its timer when it goes.
private final class Owner: TimerHandler {
    private let network: SystemNetwork
    var timer: TimerToken?
    private(set) var hasFired = false

    init(_ network: SystemNetwork) { self.network = network }

    deinit { if let timer { network.cancel(timer) } }

    func timerFired(_ timer: TimerToken) { hasFired = true }
}

private final class Stopper: TurnHandler {
    private let network: SystemNetwork
    private(set) var calls = 0

    init(_ network: SystemNetwork) { self.network = network }

    func nextTurn() {
        calls += 1
        network.stop()
    }
}
