/// Cuts the two links of one connection into messages.
///
/// A framer is incremental: it is fed bytes as they come, keeps what it must know between calls in
/// bounded memory, and never asks for bytes again. Both directions share its state, because the
/// meaning of an answer can depend on the question. It numbers messages from 1 on each link.
///
/// It is fed what really travelled, in order: a recorded connection, or one attempt of a replay. So
/// an answer is paired with what was really sent, whatever a plan did to the recorded order.
package protocol Framer: Sendable {
    /// The protocol's name, as `--protocol` takes it.
    static var name: String { get }

    /// Whether the first bytes of a connection look like this protocol. Either may be empty.
    static func recognises(upstream: Span<UInt8>, downstream: Span<UInt8>) -> Recognition

    /// Takes bytes from the front of `bytes` until a message ends, or all of them.
    ///
    /// After `.lostSync` the framer is not fed that link again.
    mutating func advance(_ bytes: Span<UInt8>, _ direction: Direction) -> FramingStep

    /// That link will not be fed again, because bytes of it are missing.
    mutating func lost(_ direction: Direction)

    /// That link ended in order: no byte of it follows. A message that lasts until then (HTTP's
    /// bodies without a length) is given back; any other that is under way stays unfinished.
    mutating func finish(_ direction: Direction) -> Message?

    /// Whether it knows which answer belongs to which request. Where it does not, dependencies,
    /// flights and resends go by turns.
    var pairsAnswers: Bool { get }

    /// Whether answers come in the order of their requests, so that a request whose successor is
    /// being answered will not be answered any more.
    var answersInOrder: Bool { get }
}

extension Framer {
    package mutating func lost(_ direction: Direction) {}
    package mutating func finish(_ direction: Direction) -> Message? { nil }
    package var pairsAnswers: Bool { true }
    package var answersInOrder: Bool { true }
}

/// What a framer says of a connection's first bytes.
package enum Recognition: Hashable, Sendable {
    case yes
    case no
    /// Too few bytes to tell.
    case undecided
}

/// The three outcomes of framing.
package enum FramingStep: Hashable, Sendable {
    /// A message ended; it took `consumed` bytes of this span (its earlier bytes came before).
    case message(consumed: Int, Message)
    /// All bytes were taken; the message goes on.
    case needMore
    /// The bytes are not this protocol from `consumed` on, and why. The rest of the link is opaque.
    case lostSync(consumed: Int, reason: String)
}

/// What a framer knows of a message once it has ended.
package struct Message: Hashable, Sendable {
    /// From 1 on its link.
    package var number: UInt64
    package var role: Role
    /// Part of a handshake (spared by default, played again after a reconnect), or session state.
    package var state: SessionState?
    /// The number of the first message of the group that this message belongs to, where it does;
    /// a group stays together when it is duplicated, reordered or dropped.
    package var group: UInt64?
    /// Whether this message ends its group.
    package var endsGroup: Bool
    /// A short name for its kind, of a bounded set: `SET`, `GET`, `404`, `+`, `-`; for people and
    /// for pooling measurements.
    package var kind: String
    /// Credentials that are good for this message alone (HTTP's `Authorization`): unlike a
    /// handshake they make it no session state, and faults do not spare it.
    package var hasOwnCredentials: Bool

    /// Whether it carries credentials: a recording that holds them earns a warning.
    package var carriesCredentials: Bool { hasOwnCredentials || state?.isAuthentication == true }

    package init(
        number: UInt64, role: Role, state: SessionState? = nil, group: UInt64? = nil,
        endsGroup: Bool = false, kind: String = "", hasOwnCredentials: Bool = false
    ) {
        self.number = number
        self.role = role
        self.state = state
        self.group = group
        self.endsGroup = endsGroup
        self.kind = kind
        self.hasOwnCredentials = hasOwnCredentials
    }

    package enum Role: Hashable, Sendable {
        /// A message that is owed `answers` answers (0: none), as far as can be known when it was
        /// sent; the answer that `completes` it is the last word.
        case request(answers: UInt32)
        /// An answer to message `to` of the opposite link; `completes` it when it is the last one.
        case answer(to: UInt64, completes: Bool, isError: Bool)
        /// A message nobody asked for: a greeting, a push.
        case unsolicited
    }
}

/// What a reconnect has to play again before anything else.
package struct SessionState: Hashable, Sendable {
    /// Two messages with the same key: only the later one needs to be played again (`SELECT`).
    package var key: String
    /// Whether it carries credentials.
    package var isAuthentication: Bool
    /// Whether it answers what a server makes anew each time: on another connection it is wrong.
    package var answersChallenge: Bool

    package init(key: String, isAuthentication: Bool = false, answersChallenge: Bool = false) {
        self.key = key
        self.isAuthentication = isAuthentication
        self.answersChallenge = answersChallenge
    }
}
