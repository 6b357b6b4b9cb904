import Recordings

/// What conditions do to the bytes of a link on their way out: how many may go at once, and when.
package struct Throttle: Sendable {
    /// A limited link waits until it may send so much, or all that is left of a message.
    static let leastBytes: UInt64 = 1_460

    private let conditions: LinkSchedule
    private var meters: [Meter] = []
    private var slicers: [Slices] = []
    /// How long the end is held, and by which condition.
    package let closes: [(id: String, nanoseconds: Int64)]

    /// A bandwidth condition: a bucket that fills at its rate.
    private struct Meter: Sendable {
        var condition: Condition
        var bandwidth: Bandwidth
        /// When the bucket will be full again.
        var fullAt = Instant.start
        var bytes: UInt64 = 0
        var first: Instant?
        var last = Instant.start
    }

    /// A slicer: the piece under way.
    private struct Slices: Sendable {
        var index: Int
        var condition: Condition
        var slicer: Slicer
        /// The message at hand, as it is told apart from its copies.
        var head: UInt64 = .max
        var piece: UInt64 = 0
        /// Where the piece ends, counted as the offsets are.
        var end: UInt64 = 0
        /// The next piece does not go before.
        var readyAt = Instant.start
        var pieces: UInt64 = 0
        var bytes: UInt64 = 0
    }

    /// The message, or where there are none the cell, whose bytes are to go.
    package struct Cell: Hashable, Sendable {
        /// By which its conditions are drawn.
        package var number: UInt64
        package var began: Instant
        /// Where it ends, counted as the offsets are; the greatest number where that is not known.
        package var end: UInt64

        package init(number: UInt64, began: Instant, end: UInt64) {
            self.number = number
            self.began = began
            self.end = end
        }
    }

    /// A part of a message that may go.
    package struct Portion: Hashable, Sendable {
        package var count: Int
        /// When it might go first.
        package var release: Instant
        /// The condition because of which that is later than it was asked for; empty: none.
        package var cause = ""
    }

    /// - Parameter earlier: that of the rules before; conditions that stay go on as they were.
    package init(_ conditions: LinkSchedule, after earlier: Throttle? = nil) {
        self.conditions = conditions
        var closes: [(id: String, nanoseconds: Int64)] = []
        for (index, condition) in conditions.conditions.enumerated() {
            switch condition.effect {
            case .latency, .slowReader: break
            case .bandwidth(let bandwidth):
                meters.append(
                    earlier?.meters.first { $0.condition == condition }
                        ?? Meter(condition: condition, bandwidth: bandwidth))
            case .slicer(let slicer):
                var slices =
                    earlier?.slicers.first { $0.condition == condition }
                    ?? Slices(index: index, condition: condition, slicer: slicer)
                slices.index = index
                slicers.append(slices)
            case .slowClose(let slow):
                closes.append((condition.id, slow.delay.nanoseconds))
            }
        }
        self.closes = closes
    }

    /// Whether it lets all pass.
    package var isIdle: Bool { meters.isEmpty && slicers.isEmpty }

    /// How long the end is held.
    package var closeNanoseconds: Int64 {
        closes.reduce(0) { sum, close in
            let (total, overflow) = sum.addingReportingOverflow(close.nanoseconds)
            return overflow ? .max : total
        }
    }

    /// The conditions that hold the end.
    package var closeIDs: String { closes.map(\.id).joined(separator: ", ") }

    /// How much of a message's next bytes may go, and from when on: perhaps later than now.
    /// - Parameters:
    ///   - offset: of the first of them, from the link's or the message's start.
    ///   - number: the how-many-eth message that is sent on the connection.
    package mutating func portion(
        _ count: Int, at offset: UInt64, of cell: Cell, number: UInt64, release: Instant,
        _ now: Instant
    ) -> Portion {
        var portion = Portion(count: count, release: release)
        for index in slicers.indices
        where slicers[index].condition.covers(message: cell.number, began: cell.began) {
            if slicers[index].head != number {
                slicers[index].head = number
                slicers[index].piece = 0
                slicers[index].end = offset
            }
            while slicers[index].end <= offset {
                let bytes = conditions.sliceBytes(
                    slicer: slicers[index].index, message: cell.number,
                    piece: slicers[index].piece)
                slicers[index].end = slicers[index].end.addingSaturated(max(bytes, 1))
                slicers[index].piece += 1
            }
            portion.hold(until: slicers[index].readyAt, by: slicers[index].condition)
            portion.count = min(portion.count, Int(clamping: slicers[index].end - offset))
        }
        for meter in meters where meter.condition.covers(message: cell.number, began: cell.began) {
            let burst = meter.bandwidth.burst.bytes
            // Half a bucket, so that what a late timer costs is made up for.
            let least = min(UInt64(portion.count), max(1, burst / 2), Self.leastBytes)
            // So long before it is full there is room for these bytes.
            let fill = meter.bandwidth.nanoseconds(burst) - meter.bandwidth.nanoseconds(least)
            portion.hold(
                until: meter.fullAt.advanced(byNanoseconds: -fill), by: meter.condition)
            let left = max(0, meter.fullAt.nanoseconds(since: now))
            let room = meter.bandwidth.bytes(meter.bandwidth.nanoseconds(burst) - left)
            portion.count = min(portion.count, Int(clamping: max(least, min(room, burst))))
        }
        return portion
    }

    /// Whether a piece ends behind these bytes; they are on their way now.
    package mutating func passed(
        _ count: Int, at offset: UInt64, of cell: Cell, _ now: Instant
    ) -> Bool {
        var isAlone = false
        for index in slicers.indices
        where slicers[index].condition.covers(message: cell.number, began: cell.began) {
            let end = offset + UInt64(count)
            slicers[index].bytes += UInt64(count)
            guard end == slicers[index].end || end == cell.end else { continue }
            isAlone = true
            slicers[index].pieces += 1
            slicers[index].readyAt = now.advanced(
                byNanoseconds: slicers[index].slicer.delay.nanoseconds)
        }
        for index in meters.indices
        where meters[index].condition.covers(message: cell.number, began: cell.began) {
            meters[index].first = meters[index].first ?? now
            meters[index].last = now
            meters[index].bytes += UInt64(count)
            meters[index].fullAt = max(meters[index].fullAt, now).advanced(
                byNanoseconds: meters[index].bandwidth.nanoseconds(UInt64(count)))
        }
        return isAlone
    }

    /// What was drawn and what was achieved, a line a condition.
    package var achieved: [String] {
        var lines: [String] = []
        for meter in meters {
            guard let first = meter.first else { continue }
            lines.append(
                meter.bandwidth.achieved(
                    meter.condition.id, bytes: meter.bytes,
                    nanoseconds: meter.last.nanoseconds(since: first)))
        }
        for slices in slicers where slices.pieces > 0 {
            lines.append(
                slices.slicer.achieved(
                    slices.condition.id, bytes: slices.bytes, pieces: slices.pieces))
        }
        return lines
    }
}

extension Throttle.Portion {
    fileprivate mutating func hold(until instant: Instant, by condition: Condition) {
        guard instant > release else { return }
        release = instant
        cause = condition.id
    }
}

extension UInt64 {
    fileprivate func addingSaturated(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
