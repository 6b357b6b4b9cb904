import Faults

/// A stretch of places whose messages stand in another order than recorded.
struct OrderWindow: Sendable {
    // Runs of messages in the order of sending.
    private var runs: [ClosedRange<UInt64>]
    private var run = 0
    private var next: UInt64

    /// The window that begins at `place`, where a reorder strikes: with all other reorders that
    /// reach into it.
    init(from place: UInt64, _ ledger: StrikeLedger) {
        var last = place
        var found: [Int] = []
        while true {
            found = ledger.reorders(from: place, through: last)
            let reach = found.map { Self.second(ledger.strikes[$0]).upperBound }.max() ?? last
            if reach <= last { break }
            last = reach
        }
        var runs = [place...last]
        for index in found {
            let strike = ledger.strikes[index]
            Self.isolate(strike.message...strike.lastMessage, in: &runs)
            Self.isolate(Self.second(strike), in: &runs)
            guard let first = runs.firstIndex(where: { $0.lowerBound == strike.message }),
                let second = runs.firstIndex(where: {
                    $0.lowerBound == Self.second(strike).lowerBound
                })
            else { continue }
            runs.swapAt(first, second)
        }
        self.runs = runs
        next = runs[0].lowerBound
    }

    /// The message that stands at the current place.
    var message: UInt64 { next }

    /// Goes on to the next place.
    /// - Returns: false when that lies behind the window.
    mutating func advance() -> Bool {
        if next < runs[run].upperBound {
            next += 1
            return true
        }
        run += 1
        guard run < runs.count else { return false }
        next = runs[run].lowerBound
        return true
    }

    /// Whether a message is still to come in the window, the current one included.
    func holds(_ message: UInt64) -> Bool {
        runs[run...].contains { $0.contains(message) }
            && !(runs[run].contains(message)
                && message < next)
    }

    private static func second(_ strike: Strike) -> ClosedRange<UInt64> {
        guard case .reorder(let other) = strike.effect else {
            return strike.message...strike.lastMessage
        }
        return other
    }

    /// Cuts the runs so that these messages are one by themselves.
    private static func isolate(
        _ messages: ClosedRange<UInt64>, in runs: inout [ClosedRange<UInt64>]
    ) {
        guard let index = runs.firstIndex(where: { $0.contains(messages.lowerBound) }) else {
            return
        }
        let whole = runs[index]
        guard whole.upperBound >= messages.upperBound, whole != messages else { return }
        var parts = [messages]
        if whole.lowerBound < messages.lowerBound {
            parts.insert(whole.lowerBound...(messages.lowerBound - 1), at: 0)
        }
        if messages.upperBound < whole.upperBound {
            parts.append((messages.upperBound + 1)...whole.upperBound)
        }
        runs.replaceSubrange(index...index, with: parts)
    }
}
