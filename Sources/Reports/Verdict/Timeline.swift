import Recordings
import Text

/// What happened around a symptom, on one time axis: the strikes, the messages, and what the
/// consumer did and wrote.
package struct Timeline: Hashable, Sendable {
    /// Who did it.
    package enum Who: String, Hashable, Sendable {
        case weir
        case consumer
        /// A line that the consumer's process wrote.
        case log
        /// A reset or probe command.
        case command
    }

    /// One thing that happened; its text is printable.
    package struct Entry: Hashable, Sendable {
        package var instant: Instant
        package var who: Who
        /// `3`, or `3.2` for the connection's second attempt; empty where it is none's.
        package var connection: String
        package var text: String
        /// Its place in the recording: what happened in the same nanosecond keeps its order.
        var order: UInt64

        package init(
            at instant: Instant, _ who: Who, on connection: String = "", _ text: String,
            order: UInt64 = 0
        ) {
            self.instant = instant
            self.who = who
            self.connection = connection
            self.text = text
            self.order = order
        }
    }

    package var entries: [Entry] = []
    /// Events that belong to it too, and are not shown.
    package var omitted: UInt64 = 0

    package init() {}
}

/// Gathers the timelines of some symptoms while a recording is read once.
///
/// A symptom keeps what is about its strikes and its message, the last events before it, and the
/// first after it; all of that has limits.
package struct TimelineCollector: Sendable {
    /// More symptoms than this have no timeline.
    package static let maximumSymptoms = 200
    /// Of what is about the strikes and the message; and of the rest, before it and after it.
    static let mostImportant = 10
    static let mostBefore = 5
    static let mostAfter = 4
    /// What happens later than this after the symptom does not belong to it.
    static let afterNanoseconds: Int64 = 1_000_000_000
    /// Columns of an entry's text.
    static let shownColumns = 200
    /// Bytes of a message that an entry shows.
    static let shownBytes = 48

    /// What one symptom gathers.
    private struct Gathering: Sendable {
        var subject: TimelineSubject
        var important: [Timeline.Entry] = []
        var before: [Timeline.Entry] = []
        var after: [Timeline.Entry] = []
        var omitted: UInt64 = 0
    }

    private var gatherings: [Gathering]
    /// Which of them are about a connection; and those that hear of everything.
    private var byConnection: [UInt32: [Int]] = [:]
    private var order: UInt64 = 0
    /// Whose part Weir plays: the one that sends what was recorded.
    private var played = Party.client

    package init(_ subjects: [TimelineSubject]) {
        gatherings = subjects.prefix(Self.maximumSymptoms).map { Gathering(subject: $0) }
        for (index, gathering) in gatherings.enumerated() {
            guard let connection = gathering.subject.connection else { continue }
            byConnection[connection, default: []].append(index)
        }
    }

    /// Takes the recording's next event, with the bytes beside it.
    package mutating func receive(_ event: Event, _ bytes: Span<UInt8>) {
        order += 1
        if case .sent = event.fact, let direction = event.direction {
            played = direction == .upstream ? .client : .server
        }
        switch event.fact {
        case .strike, .output, .exited, .command, .mark:
            for index in gatherings.indices { add(event, bytes, to: index) }
        case .sent(let sent) where !sent.strike.isEmpty:
            for index in gatherings.indices { add(event, bytes, to: index) }
        default:
            for index in byConnection[event.connection] ?? [] { add(event, bytes, to: index) }
        }
    }

    /// In the order of the symptoms.
    package func timelines() -> [Timeline] {
        gatherings.map { gathering in
            var timeline = Timeline()
            let all = gathering.important + gathering.before + gathering.after
            timeline.entries = all.sorted { ($0.instant, $0.order) < ($1.instant, $1.order) }
            timeline.omitted = gathering.omitted
            return timeline
        }
    }

    private mutating func add(_ event: Event, _ bytes: Span<UInt8>, to index: Int) {
        let subject = gatherings[index].subject
        let end = subject.instant.advanced(byNanoseconds: Self.afterNanoseconds)
        guard event.instant <= end, let weight = subject.weight(of: event),
            let entry = event.timelineEntry(bytes, played: played, order: order)
        else { return }
        if weight == .important, gatherings[index].important.count < Self.mostImportant {
            return gatherings[index].important.append(entry)
        }
        if event.instant > subject.instant {
            guard gatherings[index].after.count < Self.mostAfter else {
                gatherings[index].omitted += 1
                return
            }
            return gatherings[index].after.append(entry)
        }
        gatherings[index].before.append(entry)
        if gatherings[index].before.count > Self.mostBefore {
            gatherings[index].before.removeFirst()
            gatherings[index].omitted += 1
        }
    }
}

/// What a timeline is about.
package struct TimelineSubject: Hashable, Sendable {
    var instant: Instant
    var connection: UInt32?
    var message: UInt64?
    var probe: String?
    var strikes: Set<String>

    enum Weight { case important, context }

    /// How much an event says about it; nil: nothing.
    func weight(of event: Event) -> Weight? {
        let isHere = connection != nil && event.connection == connection
        switch event.fact {
        case .strike(let outcome):
            return strikes.contains(outcome.id) && outcome.result == .applied ? .important : nil
        case .sent(let sent):
            // A message that leaves in pieces is told once.
            guard sent.offset == 0 else { return nil }
            if strikes.contains(sent.strike) { return .important }
            guard isHere else { return nil }
            return sent.message == message && sent.message > 0 ? .important : .context
        case .chunk, .finished, .reset, .failed, .stalled, .resumed, .opened, .refused:
            return isHere ? .context : nil
        case .output: return .context
        case .exited: return .important
        case .command(let name, _, _): return name == probe ? .important : nil
        case .mark: return .context
        case .dialled, .gap: return nil
        }
    }
}

extension Event {
    /// An entry about it; nil where it says nothing.
    /// - Parameter played: the party whose part Weir plays.
    fileprivate func timelineEntry(
        _ bytes: Span<UInt8>, played: Party, order: UInt64
    ) -> Timeline.Entry? {
        func printable(_ text: String) -> String {
            "\(PrintableText(text, limit: TimelineCollector.shownColumns))"
        }
        func shown() -> String {
            bytes.isEmpty ? "" : ": \(EscapedText(bytes, limit: TimelineCollector.shownBytes))"
        }
        let place = connection == 0 ? "" : "\(connection)" + (attempt > 1 ? ".\(attempt)" : "")
        func entry(_ who: Timeline.Who, _ text: String) -> Timeline.Entry {
            Timeline.Entry(at: instant, who, on: place, text, order: order)
        }
        func by(_ party: Party) -> Timeline.Who {
            party == .weir || party == played ? .weir : .consumer
        }
        switch fact {
        case .strike(let outcome): return entry(.weir, printable("applies \(outcome.id)"))
        case .sent(let sent):
            var text = "sends"
            if sent.message > 0 { text += " message \(sent.message)" }
            if sent.copy > 0 { text += " again (copy \(sent.copy))" }
            return entry(.weir, text + shown())
        case .chunk: return entry(.consumer, "sends" + shown())
        case .finished(let party): return entry(by(party), "closes")
        case .reset(let party): return entry(by(party), "resets the connection")
        case .failed(let errno, let party):
            return entry(by(party), "failed (error \(errno))")
        case .stalled: return entry(.consumer, "stops reading")
        case .resumed: return entry(.consumer, "reads again")
        case .opened: return entry(.weir, "is connected")
        case .refused(let reason, _, _):
            return entry(.consumer, "does not accept (\(reason.name))")
        case .mark(let label): return entry(.weir, printable(label))
        case .output(_, let line): return entry(.log, printable(line))
        case .exited(let code): return entry(.consumer, "its process ended with exit code \(code)")
        case .command(let name, let code, _):
            return entry(.command, printable("\(name) (exit code \(code))") + shown())
        case .dialled, .gap: return nil
        }
    }
}
