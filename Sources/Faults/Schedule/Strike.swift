import Recordings

/// A fault at one point, worked out for one recording: this message doubled, that connection cut.
package struct Strike: Hashable, Sendable {
    /// `redelivery@3u17`: the rule, the connection, the direction (u or d) and the message.
    package var id: String
    package var rule: String
    /// 0: the rule as a whole, which is skipped.
    package var connection: UInt32
    package var direction: Direction
    /// The message that is struck; of a group, its first. 0: the rest of the link, which is
    /// skipped.
    package var message: UInt64
    /// The last message that is struck: of a group, its last; otherwise `message` again.
    package var lastMessage: UInt64
    package var effect: StrikeEffect
    package var state: State
    /// How such a thing could come about.
    package var label: FaultLabel

    package init(
        id: String, rule: String, connection: UInt32, direction: Direction, message: UInt64,
        lastMessage: UInt64? = nil, effect: StrikeEffect, state: State = .planned
    ) {
        self.id = id
        self.rule = rule
        self.connection = connection
        self.direction = direction
        self.message = message
        self.lastMessage = lastMessage ?? message
        self.effect = effect
        self.state = state
        label = effect.label
    }

    /// What the schedule says will become of it.
    package enum State: Hashable, Sendable {
        case planned
        /// Another strike stands in its way: that one's id.
        case preempted(by: String)
        /// It cannot be done, and why.
        case skipped(reason: String)
    }

    package var isPlanned: Bool { state == .planned }
}

/// What a strike does, with everything that had to be drawn for it.
package enum StrikeEffect: Hashable, Sendable {
    /// This message, and what comes behind it on its link, is held for so many nanoseconds more.
    case delay(nanoseconds: Int64)
    /// Sent again, `copies` times, each `afterNanoseconds` behind the one before.
    case duplicate(copies: UInt16, afterNanoseconds: Int64, on: Duplicate.Place = .same)
    /// Changes places with the message (or group) `with`, which stands behind it in its flight.
    case reorder(with: ClosedRange<UInt64>)
    /// Held until a message of another connection was sent that stood behind it.
    case overtaken(by: UInt64, of: UInt32)
    /// Not sent; it owes no answer.
    case drop
    /// The connection is cut.
    case disconnect(Cut)
    /// The connection ends.
    case end(Ending)
    /// Behind so many bytes of the message nothing is sent for so long; nil: any more.
    case stall(sentBytes: UInt64, nanoseconds: Int64?)
    /// These bits are flipped: from the message's start, rising.
    case corrupt(bits: [UInt64])
    /// Of a skipped strike that could not be worked out: only its fault is known. Never planned.
    case unresolved(fault: String)

    /// How such a thing could come about.
    package var label: FaultLabel {
        switch self {
        case .delay, .end, .stall: .transport
        case .corrupt: .violation
        case .disconnect(let cut): cut.resend.isEmpty ? .transport : .delivery
        case .duplicate, .reorder, .overtaken, .drop: .delivery
        case .unresolved(let fault): FaultKinds.named(fault)?.label ?? .transport
        }
    }

    /// The fault's name.
    package var faultName: String {
        switch self {
        case .delay: Delay.name
        case .duplicate: Duplicate.name
        case .reorder, .overtaken: Reorder.name
        case .drop: Drop.name
        case .disconnect: Disconnect.name
        case .end(let ending): ending.kind.rawValue
        case .stall: Stall.name
        case .corrupt: Corrupt.name
        case .unresolved(let fault): fault
        }
    }

    /// The cut of the connection, where it makes one.
    package var cut: Cut? {
        switch self {
        case .disconnect(let cut): cut
        case .end(let ending): ending.cut
        case .delay, .duplicate, .reorder, .overtaken, .drop, .stall, .corrupt, .unresolved: nil
        }
    }

    /// Whether the connection goes on behind it, later.
    package var isStall: Bool { if case .stall = self { true } else { false } }

    /// Whether it strikes a place in bytes, so that it can do without messages.
    package var isAtBytes: Bool {
        switch self {
        case .stall, .corrupt: true
        case .end(let ending): ending.kind != .truncate
        default: false
        }
    }

    /// Whether a replay does it on, or with, another connection, which it opens as the client.
    package var needsOtherConnection: Bool {
        switch self {
        case .overtaken, .duplicate(_, _, .new): true
        default: false
        }
    }

    /// Whether it can strike what Weir receives in a replay.
    package var strikesReceived: Bool {
        FaultKinds.strikes.first { $0.name == faultName }?.strikesReceived ?? false
    }

    /// So many bytes of the message it needs.
    package var neededBytes: UInt64 {
        switch self {
        case .stall(let sent, _): sent
        case .corrupt(let bits): bits.last.map { $0 / 8 + 1 } ?? 0
        default: cut?.sentBytes ?? 0
        }
    }
}

/// A disconnect in all its parts.
package struct Cut: Hashable, Sendable {
    /// So many bytes of the struck message are sent before the cut: 0 is before it, its length is
    /// after it, a number between is inside.
    package var sentBytes: UInt64
    package var how: How
    package var then: Then
    /// From the cut to the reconnect's dial.
    package var waitNanoseconds: Int64
    /// Upstream messages that are sent again after the reconnect, rising, apart. Behind them comes
    /// the rest: from the message after the struck one on; from the struck one itself where none of
    /// it was sent (`sentBytes` is 0).
    package var resend: [ClosedRange<UInt64>]

    package init(
        sentBytes: UInt64, how: How = .reset, then: Then = .reconnect,
        waitNanoseconds: Int64 = 100_000_000, resend: [ClosedRange<UInt64>] = []
    ) {
        self.sentBytes = sentBytes
        self.how = how
        self.then = then
        self.waitNanoseconds = waitNanoseconds
        self.resend = resend
    }

    package enum How: String, Hashable, Sendable, CaseIterable {
        /// RST.
        case reset = "rst"
        /// FIN, and both directions closed.
        case finish = "fin"
        /// FIN upstream; the consumer's end is awaited (its answers still count) until its timeout.
        case halfClose = "half-close"
    }

    package enum Then: String, Hashable, Sendable, CaseIterable {
        case reconnect, stop
    }
}

/// How a fault could come about in the world.
package enum FaultLabel: String, Hashable, Sendable, CaseIterable {
    /// Any network can do it.
    case transport
    /// Brokers, retries and proxies do it.
    case delivery
    /// No correct peer does it.
    case violation
}
