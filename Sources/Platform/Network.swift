/// The seam between the engine and the machine: sockets, time and timers.
///
/// `SystemNetwork` is the kernel's; tests bring one in memory with virtual time. The engine runs
/// on either and cannot tell. All of it belongs to one thread; every callback runs to completion
/// on it, and never inside the call that caused it.
package protocol Network: AnyObject {
    /// The monotonic clock, read once each turn of the loop.
    var now: MonotonicTime { get }

    /// The monotonic clock, read now: for measuring inside a turn.
    func readClock() -> MonotonicTime

    /// Accepts connections on `address`; port 0 takes a free one (see `Listener.address`).
    func listen(
        on address: SocketAddress, handler: any ListenerHandler
    ) throws(NetworkError) -> any Listener

    /// Begins to connect. The handler hears `connected` or `failed`, later, exactly one of them.
    func dial(_ address: SocketAddress, handler: any SocketHandler) -> any Socket

    /// Calls `handler` at `time` or as soon after as the loop can, once.
    @discardableResult
    func schedule(at time: MonotonicTime, _ handler: any TimerHandler) -> TimerToken

    /// The timer will not fire. Harmless when it has.
    func cancel(_ timer: TimerToken)

    /// Calls `handler` in the next turn, after the readiness of that turn is handled: to go on with
    /// a link that used up its share of this one.
    func callNextTurn(_ handler: any TurnHandler)
}

/// A moment on the monotonic clock, in nanoseconds since an arbitrary start.
package struct MonotonicTime: Hashable, Comparable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// This moment moved by so many nanoseconds; it stops at the ends of the clock.
    package func advanced(byNanoseconds amount: Int64) -> MonotonicTime {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(amount)
        return MonotonicTime(nanoseconds: overflow ? (amount > 0 ? .max : .min) : sum)
    }
}

package struct TimerToken: Hashable, Sendable {
    package var id: UInt64
    package init(id: UInt64) { self.id = id }
}

package protocol TimerHandler: AnyObject {
    func timerFired(_ timer: TimerToken)
}

package protocol TurnHandler: AnyObject {
    func nextTurn()
}

/// A listening socket.
package protocol Listener: AnyObject {
    /// Where it really listens: the port that the kernel chose when 0 was asked for.
    var address: SocketAddress { get }

    /// Stops or goes on accepting; connections then wait in the kernel's backlog.
    var isPaused: Bool { get set }

    /// Refuses clients as if nobody listened, and keeps the address: nobody else gets the port.
    /// Those that wait to be accepted are reset.
    func refuse()

    /// Listens again after `refuse`.
    /// - Throws: why it cannot; it goes on refusing then.
    func listenAgain() throws(Errno)

    /// Stops listening, for good.
    func close()
}

package protocol ListenerHandler: AnyObject {
    /// A client connected. The socket is the handler's, which sets `socket.handler` now and may
    /// receive and send at once.
    func accepted(_ socket: any Socket, by listener: any Listener)

    /// Accepting failed for want of descriptors or memory. The network pauses the listener, tries
    /// again by itself, and says this once until it succeeds again.
    func cannotAccept(_ error: Errno, by listener: any Listener)
}

/// One end of a TCP or Unix stream connection, non-blocking, `TCP_NODELAY` set.
///
/// Readiness is told by edges: after `ready` said `.readable`, receive until `.wouldBlock` (or
/// remember that there may be more); the same for `.writable` and `send`.
package protocol Socket: AnyObject {
    var handler: (any SocketHandler)? { get set }

    /// This end's address, and the peer's, as far as the kernel knows them.
    var localAddress: SocketAddress? { get }
    var peerAddress: SocketAddress? { get }

    /// Receives into the buffer, which is not empty.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Received

    /// Sends from the buffer, which is not empty: all, a part, or nothing.
    func send(_ buffer: UnsafeRawBufferPointer) -> SendOutcome

    /// Bytes that the kernel holds for the peer, or that it has not acknowledged (`SIOCOUTQ`).
    var unacknowledgedBytes: Int { get }

    /// Takes the error that the kernel holds: the peer's reset, seen without receiving or sending.
    /// Where the peer's FIN came before, `receive` does not tell of it.
    func takeError() -> Errno?

    /// Ends the sending direction in order (FIN); receiving goes on.
    func finish()

    /// Ends both at once with a RST; what the kernel has not delivered is lost. Closes.
    func reset()

    /// Closes in order. No callback comes after it.
    func close()
}

package enum Received: Hashable, Sendable {
    /// So many bytes (at least 1). `isDrained`: the kernel had no more at that moment, and will say
    /// so with an edge when more comes.
    case bytes(Int, isDrained: Bool)
    case wouldBlock
    /// The peer's FIN.
    case finished
    /// The peer reset the connection (`ECONNRESET`), or it failed otherwise.
    case failed(Errno)
}

package enum SendOutcome: Hashable, Sendable {
    /// So many bytes (at least 1).
    case bytes(Int)
    case wouldBlock
    case failed(Errno)
}

package protocol SocketHandler: AnyObject {
    /// A dialled connection stands.
    func connected(_ socket: any Socket)

    /// A dialled connection could not be made: `ECONNREFUSED`, `ETIMEDOUT`, `EHOSTUNREACH`, ….
    /// The socket is closed.
    func failed(_ socket: any Socket, _ error: Errno)

    /// Something may be done without blocking. An error or the peer's reset is told as readable and
    /// writable: the next `receive` or `send` gives it.
    func ready(_ socket: any Socket, _ readiness: Readiness)
}

package struct Readiness: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let readable = Readiness(rawValue: 1)
    package static let writable = Readiness(rawValue: 2)
    /// The peer sent its FIN or RST: what is left to receive ends with `.finished` or `.failed`.
    package static let peerEnded = Readiness(rawValue: 4)
}

/// An address could not be listened on, or resolved.
package struct NetworkError: Error, Hashable, Sendable {
    package var address: String
    package var doing: String
    package var errno: Errno

    package init(address: String, doing: String, errno: Errno) {
        self.address = address
        self.doing = doing
        self.errno = errno
    }
}
