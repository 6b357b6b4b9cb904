import Platform

/// A simulated network as the peers around the program under test see it: well-behaved, and with
/// descriptors without end. Time, timers and turns are the same.
final class OutsideNetwork: Network {
    private unowned let network: SimulatedNetwork

    init(of network: SimulatedNetwork) { self.network = network }

    var now: MonotonicTime { network.now }

    func readClock() -> MonotonicTime { network.readClock() }

    func listen(
        on address: SocketAddress, handler: any ListenerHandler
    ) throws(NetworkError) -> any Listener {
        try network.listen(on: address, handler: handler, isOutside: true)
    }

    func dial(_ address: SocketAddress, handler: any SocketHandler) -> any Socket {
        network.dial(address, handler: handler, isOutside: true)
    }

    func schedule(at time: MonotonicTime, _ handler: any TimerHandler) -> TimerToken {
        network.schedule(at: time, handler)
    }

    func cancel(_ timer: TimerToken) { network.cancel(timer) }

    func callNextTurn(_ handler: any TurnHandler) { network.callNextTurn(handler) }
}
