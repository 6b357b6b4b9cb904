import Faults
import Recordings

/// What is to be sent next on a connection, by place: session state and resends first after a
/// reconnect, then the recorded order with what strikes make of it, then bytes that are no message.
struct SendingOrder: Sendable {
    /// A message to be sent before the recorded order goes on.
    struct Prelude: Hashable, Sendable {
        var message: UInt64
        var isResend: Bool
        /// It waits until nothing is owed: session state one by one, and the first resend.
        var waits: Bool
        var strike: Int
        /// Of a redelivery: which copy it is part of.
        var copy: UInt16 = 0
    }

    /// A copy that follows at once, or at its own time.
    struct Copy: Hashable, Sendable {
        var messages: ClosedRange<UInt64>
        var copy: UInt16
        var strike: Int
        var due: Instant
    }

    /// The next place; messages of the link plus one when all have been.
    var place: UInt64 = 1
    /// Where the next bytes begin that are no message.
    var rawOffset: UInt64
    var window: OrderWindow?
    /// Messages of the window that were sent by a resend list before their place came.
    var sentAhead: Set<UInt64> = []

    private(set) var prelude: [Prelude] = []
    private var preludeIndex = 0
    /// Copies that follow at once.
    private var copies: [Copy] = []
    private var copiesIndex = 0
    private var copyMessage: UInt64 = 0
    /// Copies that follow later, by their time.
    private(set) var laterCopies: [Copy] = []

    init(_ extent: PlayableExtent) { rawOffset = extent.rawFrom }

    var nextPrelude: Prelude? {
        preludeIndex < prelude.count ? prelude[preludeIndex] : nil
    }

    mutating func setPrelude(_ list: [Prelude]) {
        prelude = list
        preludeIndex = 0
    }

    mutating func passPrelude() {
        preludeIndex += 1
        if preludeIndex == prelude.count { setPrelude([]) }
    }

    /// The copy that follows at once, and which of its messages.
    var nextCopy: (copy: Copy, message: UInt64)? {
        guard copiesIndex < copies.count else { return nil }
        let copy = copies[copiesIndex]
        return (copy, max(copyMessage, copy.messages.lowerBound))
    }

    mutating func follow(_ copy: Copy) { copies.append(copy) }

    mutating func passCopy(_ message: UInt64) {
        copyMessage = message + 1
        guard message == copies[copiesIndex].messages.upperBound else { return }
        copyMessage = 0
        copiesIndex += 1
        if copiesIndex == copies.count {
            copies.removeAll(keepingCapacity: true)
            copiesIndex = 0
        }
    }

    mutating func followLater(_ copy: Copy) {
        let index = laterCopies.firstIndex { $0.due > copy.due } ?? laterCopies.count
        laterCopies.insert(copy, at: index)
    }

    /// The first later copy becomes one that follows at once.
    mutating func takeLaterCopy() {
        follow(laterCopies.removeFirst())
    }

    /// The message that stands at the next place.
    mutating func message(_ ledger: inout StrikeLedger) -> UInt64 {
        if let window { return window.message }
        if let strike = ledger.strike(taking: place), case .reorder = ledger.strikes[strike].effect,
            ledger.strikes[strike].message == place
        {
            let opened = OrderWindow(from: place, ledger)
            window = opened
            return opened.message
        }
        return place
    }

    mutating func passPlace() {
        place += 1
        if window?.advance() == false {
            window = nil
            sentAhead = []
        }
    }
}
