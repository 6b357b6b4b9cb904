import Platform

/// The way between a client and the address it dials: delays, buffers, and how dialling goes.
package struct NetworkPath: Sendable {
    /// How a dial goes.
    package enum Dialling: Sendable {
        /// As usual: accepted where somebody listens, else refused.
        case answered
        /// No answer ever comes (a firewall that drops): it times out.
        case unanswered
        /// Refused, unreachable, or whatever else this says, after one round trip.
        case failing(Errno)
    }

    package var dialling = Dialling.answered

    /// From the client to the server, one way, in nanoseconds.
    package var upstreamNanoseconds: Int64 = 0

    /// From the server to the client, one way, in nanoseconds.
    package var downstreamNanoseconds: Int64 = 0

    /// After how long an unanswered dial fails with `ETIMEDOUT` (Linux: 127 s).
    package var dialTimeoutNanoseconds: Int64 = 127_000_000_000

    /// What either end's kernel holds for its program to read.
    package var receiveBufferBytes = 65_536

    /// What either end's kernel holds of what its program sent, until it is acknowledged.
    package var sendBufferBytes = 65_536

    /// The most that one segment carries.
    package var segmentBytes = 65_483

    package init() {}

    /// Both ways delayed by so many nanoseconds.
    package init(delayNanoseconds: Int64) {
        upstreamNanoseconds = delayNanoseconds
        downstreamNanoseconds = delayNanoseconds
    }

    /// All buffers that small, so that sends are partial and windows close.
    package init(bufferBytes: Int) {
        receiveBufferBytes = bufferBytes
        sendBufferBytes = bufferBytes
    }

    func delay(from side: SimulatedConnection.Side) -> Int64 {
        side == .client ? upstreamNanoseconds : downstreamNanoseconds
    }
}
