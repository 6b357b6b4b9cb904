import Faults
import Recordings

/// Takes a part of a recording: which bytes of which events are kept, and what the messages that
/// are kept are numbered then.
///
/// A connection of which nothing is left out passes as it is. Of another one the kept messages'
/// bytes pass, with their answers and what came unasked until then. Its end passes too, because
/// other connections may have opened behind it, unless it lies behind the part's end: then it is
/// open at the end of the recording, and a replay ends it.
package struct RecordingCut: Sendable {
    private let part: RecordingPart
    private var links: [Key: CutConnection] = [:]
    /// By connection.
    private var firstAttempts: [UInt32: UInt16] = [:]

    private struct Key: Hashable, Sendable {
        var connection: UInt32
        var attempt: UInt16
    }

    /// - Parameter transcript: of the whole recording.
    package init(_ transcript: Transcript, _ part: RecordingPart) {
        self.part = part
        for connection in transcript.connections {
            let key = Key(connection: connection.number, attempt: connection.attempt)
            links[key] = CutConnection(connection, part)
            firstAttempts[connection.number] = min(
                firstAttempts[connection.number] ?? .max, connection.attempt)
        }
    }

    /// What is kept of an event and of the bytes beside it: nothing, it all (one range), or pieces.
    /// Events are to come in their order, once each.
    package mutating func pieces(of event: Event, count: Int) -> [Range<Int>] {
        let whole = [0..<count]
        guard event.connection > 0 else {
            return part.until.map { event.instant <= $0 } ?? true ? whole : []
        }
        guard part.keeps(event.connection) else { return [] }
        let key = Key(connection: event.connection, attempt: event.attempt)
        guard var link = links[key] else {
            // An attempt that was refused.
            return part.until.map { event.instant <= $0 } ?? true ? whole : []
        }
        defer { links[key] = link }
        return link.pieces(of: event, count: count)
    }

    /// The number of an upstream message in the part; nil where it is left out.
    package func number(_ message: UInt64, of connection: UInt32) -> UInt64? {
        links[Key(connection: connection, attempt: firstAttempt(connection))]?
            .number(message, .upstream)
    }

    private func firstAttempt(_ connection: UInt32) -> UInt16 {
        firstAttempts[connection] ?? 1
    }
}

extension RecordingCut {
    /// A schedule for the whole recording as one for the part.
    ///
    /// Ids stay, whatever the messages are numbered.
    /// - Parameter identity: the part's.
    /// - Returns: nil where a strike's message is left out.
    package func schedule(_ schedule: Schedule, identity: String) -> Schedule? {
        var header = schedule.header
        header.recording = identity
        var strikes: [Strike] = []
        for strike in schedule.strikes where strike.isPlanned {
            guard let moved = moved(strike) else { return nil }
            strikes.append(moved)
        }
        let conditions = schedule.conditions.map(moved)
        return Schedule(header, conditions: conditions, strikes: strikes)
    }

    /// A symptom's place as it is in the part.
    package func place(_ place: Symptom.Place) -> Symptom.Place {
        switch place {
        case .answer(let connection, let attempt, let message):
            .answer(
                connection: connection, attempt: attempt,
                message: number(message, of: connection) ?? message)
        case .connection(let connection, let message):
            .connection(
                connection, message: message.flatMap { number($0, of: connection) } ?? message)
        case .push, .turn, .probe, .process: place
        }
    }

    private func moved(_ strike: Strike) -> Strike? {
        let connection = strike.connection
        guard let link = links[Key(connection: connection, attempt: firstAttempt(connection))],
            let message = link.number(strike.message, strike.direction),
            let last = link.number(strike.lastMessage, strike.direction)
        else { return nil }
        var moved = strike
        moved.message = message
        moved.lastMessage = last
        switch strike.effect {
        case .reorder(let with):
            guard let other = numbers(with, of: connection) else { return nil }
            moved.effect = .reorder(with: other)
        case .overtaken(let by, let other):
            guard let moving = number(by, of: other) else { return nil }
            moved.effect = .overtaken(by: moving, of: other)
        case .disconnect(var cut):
            cut.resend = cut.resend.compactMap { numbers($0, of: connection) }
            moved.effect = .disconnect(cut)
        case .delay, .duplicate, .drop, .end, .stall, .corrupt, .unresolved: break
        }
        moved.label = strike.label
        return moved
    }

    private func moved(_ condition: Condition) -> Condition {
        // A range of messages is of all connections: it is moved as the first one that it covers.
        guard condition.direction == .upstream, !condition.messages.isEmpty,
            let connection = condition.connections.first?.lowerBound
        else { return condition }
        var moved = condition
        moved.messages = condition.messages.compactMap { numbers($0, of: connection) }
        return moved.messages.isEmpty ? condition : moved
    }

    /// The numbers of what is kept of a range; nil where nothing is.
    private func numbers(
        _ range: ClosedRange<UInt64>, of connection: UInt32
    ) -> ClosedRange<UInt64>? {
        let key = Key(connection: connection, attempt: firstAttempt(connection))
        return links[key]?.numbers(range)
    }
}

/// What is kept of one connection.
private struct CutConnection: Sendable {
    private let until: Instant?
    /// Whether nothing is left out of it.
    private let isWhole: Bool
    private let isGone: Bool
    /// The messages that are kept, rising, by their old numbers; unused where it is whole.
    private var kept = PerDirection<[UInt64]>([])
    private var ranges = PerDirection<[Range<UInt64>]>([])
    private var offsets = PerDirection<UInt64>(0)
    private var cursors = PerDirection<Int>(0)
    private var areArrivals = PerDirection<Bool?>(nil)

    init(_ connection: TranscriptConnection, _ part: RecordingPart) {
        until = part.until
        let upstream = connection.upstream
        let count = upstream.count
        let opened = connection.opened ?? Instant(nanoseconds: 0)
        let numbers = count == 0 ? [] : Array(1...count)
        let kept = numbers.filter {
            part.keeps($0, of: connection.number, began: upstream.began($0))
        }
        let isOpenedInTime = part.until.map { opened <= $0 } ?? true
        isGone = !isOpenedInTime || (count > 0 && kept.isEmpty)
        isWhole = kept.count == numbers.count && isOpenedInTime
        guard !isWhole, !isGone else { return }
        ranges[.upstream] = Self.joined(kept.map(upstream.range))
        let stays = Set(kept)
        let answers = connection.downstream.messages.filter { message in
            switch message.role {
            case .answer(let request, _, _): stays.contains(request)
            case .request, .unsolicited: part.until.map { message.began <= $0 } ?? true
            }
        }
        ranges[.downstream] = Self.joined(answers.map(\.range))
        self.kept = PerDirection(upstream: kept, downstream: answers.map(\.number))
    }

    func number(_ message: UInt64, _ direction: Direction) -> UInt64? {
        if isWhole { return message }
        let (place, isThere) = search(message, in: kept[direction])
        return isThere ? UInt64(place) + 1 : nil
    }

    /// Of upstream messages.
    func numbers(_ range: ClosedRange<UInt64>) -> ClosedRange<UInt64>? {
        if isWhole { return range }
        let first = search(range.lowerBound, in: kept.upstream).place
        let (last, isThere) = search(range.upperBound, in: kept.upstream)
        let end = isThere ? last + 1 : last
        return first < end ? UInt64(first) + 1...UInt64(end) : nil
    }

    /// Where a message stands among the kept ones, or would stand.
    private func search(_ message: UInt64, in kept: [UInt64]) -> (place: Int, isThere: Bool) {
        var (low, high) = (0, kept.count)
        while low < high {
            let middle = low + (high - low) / 2
            if kept[middle] < message { low = middle + 1 } else { high = middle }
        }
        return (low, low < kept.count && kept[low] == message)
    }

    mutating func pieces(of event: Event, count: Int) -> [Range<Int>] {
        if isGone { return [] }
        if isWhole { return [0..<count] }
        switch event.fact {
        case .dialled, .opened, .refused: return [0..<count]
        case .finished, .reset, .failed:
            return until.map { event.instant <= $0 } ?? true ? [0..<count] : []
        case .chunk: return bytes(event.direction, count, isArrival: true)
        case .sent(let sent):
            guard sent.source == .literal else { return [] }
            return bytes(event.direction, count, isArrival: false)
        case .gap(let missing, _):
            if let direction = event.direction { offsets[direction] &+= missing }
            return []
        case .stalled, .resumed, .strike, .mark, .output, .exited, .command: return []
        }
    }

    private mutating func bytes(
        _ direction: Direction?, _ count: Int, isArrival: Bool
    ) -> [Range<Int>] {
        guard let direction, count > 0 else { return [] }
        // As a transcript reads it: what a link begins with is what it consists of.
        let expected = areArrivals[direction] ?? isArrival
        areArrivals[direction] = expected
        guard expected == isArrival else { return [] }
        let start = offsets[direction]
        let end = start &+ UInt64(count)
        offsets[direction] = end
        let ranges = ranges[direction]
        var pieces: [Range<Int>] = []
        while cursors[direction] < ranges.count {
            let range = ranges[cursors[direction]]
            let (from, to) = (max(range.lowerBound, start), min(range.upperBound, end))
            if from < to { pieces.append(Int(from - start)..<Int(to - start)) }
            if range.upperBound > end { break }
            cursors[direction] += 1
        }
        return pieces
    }

    private static func joined(_ ranges: [Range<UInt64>]) -> [Range<UInt64>] {
        var result: [Range<UInt64>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound {
                result[result.count - 1] =
                    last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }
}
