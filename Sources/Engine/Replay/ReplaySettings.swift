import Faults
import Platform
import Recordings

/// How a recording is replayed.
package struct ReplaySettings: Sendable {
    package var pacing = Pacing.hybrid
    package var speed = ReplaySpeed.asRecorded
    /// Stretches of the recording in which nothing happens are cut to this; nil: kept as they are.
    package var maximumGapNanoseconds: Int64?
    /// The recorded connections that are played; empty: all of them.
    package var only: [ClosedRange<UInt32>] = []
    /// Whether connections that were picked up in the middle are played too.
    package var includesPartial = false
    /// An answer may be so much later than it was recorded; then the link is uncoupled.
    package var answerTimeoutNanoseconds: Int64 = 5_000_000_000
    /// So long the consumer's end of a connection is awaited.
    package var endTimeoutNanoseconds: Int64 = 5_000_000_000
    /// So long a dial may take.
    package var dialTimeoutNanoseconds: Int64 = 10_000_000_000
    /// A consumer that takes no byte for so long while there is something to send is given up.
    package var stallTimeoutNanoseconds: Int64 = 30_000_000_000
    /// How bytes are read as messages: as the transcript was made.
    package var framing: FramingChoice
    package var units = MessageUnits.messages
    /// The recorded route whose connections are played; nil: all of them.
    package var route: UInt16?
    /// Where each recorded route is played to.
    package var addresses: [UInt16: SocketAddress] = [:]
    /// Where the routes are played to that `addresses` does not list.
    package var address: SocketAddress

    package init(to address: SocketAddress, framing: FramingChoice) {
        self.address = address
        self.framing = framing
    }
}

/// What decides when a message is sent.
package enum Pacing: String, Hashable, Sendable, CaseIterable {
    /// The recorded instants, whatever the consumer does.
    case recorded
    /// As soon as the answers have come that it had waited for; no deadlines.
    case causal
    /// The later of the recorded instant, and the arrival of the answers that it had waited for
    /// plus the recorded time in between.
    case hybrid
    /// At once; no answer is awaited before the connection's end, or its cut.
    case asap

    /// The same, for the help.
    package var summary: String {
        switch self {
        case .recorded: "at the recorded times, whatever the service does"
        case .causal: "once the answers came that were waited for; the recorded times do not count"
        case .hybrid:
            "at the recorded time, or later, when the answers came that were waited for, after as"
                + " long a pause as was recorded"
        case .asap: "at once; no answer is waited for before a connection's end, or its cut"
        }
    }
}

/// How many times as fast as recorded: an exact ratio.
package struct ReplaySpeed: Hashable, Sendable {
    package var numerator: UInt64
    package var denominator: UInt64

    /// `1/2` is half as fast. Both are at least 1.
    package init(_ numerator: UInt64, _ denominator: UInt64 = 1) {
        precondition(numerator > 0 && denominator > 0, "the speed \(numerator)/\(denominator)")
        self.numerator = numerator
        self.denominator = denominator
    }

    package static let asRecorded = ReplaySpeed(1)

    /// How long a recorded duration (0 or more) takes; it stops at the end of the clock.
    func scaled(_ nanoseconds: Int64) -> Int64 {
        guard numerator != denominator, nanoseconds > 0 else { return nanoseconds }
        let product = UInt64(nanoseconds).multipliedFullWidth(by: denominator)
        guard product.high < numerator else { return .max }
        return Int64(clamping: numerator.dividingFullWidth(product).quotient)
    }
}
