import Platform

/// One timer, set to the earliest of the times that were asked for.
struct Alarm {
    private var token: TimerToken?
    private var time = MonotonicTime(nanoseconds: 0)

    /// Calls the handler at this time, unless it is called before.
    mutating func set(
        at time: MonotonicTime, on network: any Network, for handler: any TimerHandler
    ) {
        if let token {
            guard time < self.time else { return }
            network.cancel(token)
        }
        self.time = time
        token = network.schedule(at: time, handler)
    }

    mutating func cancel(on network: any Network) {
        if let token { network.cancel(token) }
        token = nil
    }

    /// Whether the timer that has fired is this one, which is then set no more.
    mutating func wasSet(by timer: TimerToken) -> Bool {
        guard timer == token else { return false }
        token = nil
        return true
    }
}
