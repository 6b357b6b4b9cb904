import Faults
import Recordings

/// What conditions do to the bytes of a link on their way out: how many may go at once, and when.
struct Throttle: Sendable {
    /// A limited link waits until it may send so much, or all that is left of a message.
    static let leastBytes: UInt64 = 1_460

    private let conditions: LinkSchedule
    private var meters: [Meter] = []
    private var slicers: [Slices] = []
    /// How long the end is held, and by which condition.
    let closes: [(id: String, nanoseconds: Int64)]

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
        /// Where the piece ends, from the link's start.
        var end: UInt64 = 0
        /// The next piece does not go before.
        var readyAt = Instant.start
        var pieces: UInt64 = 0
        var bytes: UInt64 = 0
    }

    /// A part of a message that may go.
    struct Portion: Hashable, Sendable {
        var count: Int
        /// When it might go first.
        var release: Instant
        /// It is sent by itself.
        var isAlone: Bool
    }

    init(_ conditions: LinkSchedule) {
        self.conditions = conditions
        var closes: [(id: String, nanoseconds: Int64)] = []
        for (index, condition) in conditions.conditions.enumerated() {
            switch condition.effect {
            case .latency, .slowReader: break
            case .bandwidth(let bandwidth):
                meters.append(Meter(condition: condition, bandwidth: bandwidth))
            case .slicer(let slicer):
                slicers.append(Slices(index: index, condition: condition, slicer: slicer))
            case .slowClose(let slow):
                closes.append((condition.id, slow.delay.nanoseconds))
            }
        }
        self.closes = closes
    }

    /// Whether it lets all pass.
    var isIdle: Bool { meters.isEmpty && slicers.isEmpty }

    /// How much of a message's next bytes may go, and from when on: perhaps later than now.
    /// - Parameters:
    ///   - number: the how-many-eth message that is sent on the connection.
    mutating func portion(
        _ count: Int, at offset: UInt64, of head: Head, number: UInt64, release: Instant,
        _ now: Instant
    ) -> Portion {
        var portion = Portion(count: count, release: release, isAlone: false)
        for index in slicers.indices
        where slicers[index].condition.covers(message: head.cell, began: head.recorded) {
            if slicers[index].head != number {
                slicers[index].head = number
                slicers[index].piece = 0
                slicers[index].end = offset
            }
            while slicers[index].end <= offset {
                let bytes = conditions.sliceBytes(
                    slicer: slicers[index].index, message: head.cell, piece: slicers[index].piece)
                slicers[index].end = slicers[index].end.addingSaturated(max(bytes, 1))
                slicers[index].piece += 1
            }
            portion.release = max(portion.release, slicers[index].readyAt)
            portion.count = min(portion.count, Int(clamping: slicers[index].end - offset))
        }
        for meter in meters where meter.condition.covers(message: head.cell, began: head.recorded) {
            let burst = meter.bandwidth.burst.bytes
            // Half a bucket, so that what a late timer costs is made up for.
            let least = min(UInt64(portion.count), max(1, burst / 2), Self.leastBytes)
            // So long before it is full there is room for these bytes.
            let fill = meter.bandwidth.nanoseconds(burst) - meter.bandwidth.nanoseconds(least)
            portion.release = max(portion.release, meter.fullAt.advanced(byNanoseconds: -fill))
            let left = max(0, meter.fullAt.nanoseconds(since: now))
            let room = meter.bandwidth.bytes(meter.bandwidth.nanoseconds(burst) - left)
            portion.count = min(portion.count, Int(clamping: max(least, min(room, burst))))
        }
        return portion
    }

    /// Whether a piece ends behind these bytes; they are on their way now.
    mutating func passed(
        _ count: Int, at offset: UInt64, of head: Head, _ now: Instant
    ) -> Bool {
        var isAlone = false
        for index in slicers.indices
        where slicers[index].condition.covers(message: head.cell, began: head.recorded) {
            let end = offset + UInt64(count)
            slicers[index].bytes += UInt64(count)
            guard end == slicers[index].end || end == head.end else { continue }
            isAlone = true
            slicers[index].pieces += 1
            slicers[index].readyAt = now.advanced(
                byNanoseconds: slicers[index].slicer.delay.nanoseconds)
        }
        for index in meters.indices
        where meters[index].condition.covers(message: head.cell, began: head.recorded) {
            meters[index].first = meters[index].first ?? now
            meters[index].last = now
            meters[index].bytes += UInt64(count)
            meters[index].fullAt = max(meters[index].fullAt, now).advanced(
                byNanoseconds: meters[index].bandwidth.nanoseconds(UInt64(count)))
        }
        return isAlone
    }

    /// What was drawn and what was achieved, a line a condition.
    var achieved: [String] {
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

extension UInt64 {
    fileprivate func addingSaturated(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
