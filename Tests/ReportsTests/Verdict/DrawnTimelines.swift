import Recordings

@testable import Reactions
@testable import Reports

/// What happened around the symptom of `DrawnResults.silent`, as a recording has it.
enum DrawnTimelines {
    static let events: [(Event, String)] = {
        func on(_ milliseconds: Int, _ fact: Event.Fact, _ connection: UInt32 = 3) -> Event {
            Event(
                at: DrawnResults.time(milliseconds), connection: connection, attempt: 1, fact)
        }
        func sent(_ message: UInt64, copy: UInt16 = 0, offset: UInt64 = 0, _ strike: String = "")
            -> Event.Fact
        {
            .sent(
                Sent(
                    message: message, copy: copy, offset: offset, strike: strike, source: .literal))
        }
        var events: [(Event, String)] = []
        for message in 1...16 {
            events.append((on(4_000 + message, sent(UInt64(message))), "INCRBY a 1\r\n"))
            events.append((on(4_000 + message, .chunk), ":\(message)\r\n"))
        }
        events += [
            (on(4_100, sent(17)), "INCRBY a 1\r\n"),
            (on(4_100, sent(17, offset: 5)), "in a second piece"),
            (on(4_150, .chunk, 2), "of another connection"),
            (on(4_200, sent(17, copy: 1, "redelivery@3u17")), "INCRBY a 1\r\n"),
            (
                on(4_200, .strike(StrikeOutcome(id: "redelivery@3u17", result: .applied))),
                ""
            ),
            (on(4_201, .strike(StrikeOutcome(id: "other@9u1", result: .applied)), 9), ""),
            (
                Event(
                    at: DrawnResults.time(4_205),
                    .output(stream: .standardError, line: "入金: a \u{1b}[2J")), ""
            ),
            (on(4_212, sent(21)), "GET a\r\n"),
            (on(4_213, .chunk), ":6\r\n"),
        ]
        for message in 22...40 {
            events.append((on(4_213 + message, sent(UInt64(message))), "GET a\r\n"))
        }
        events.append((on(6_000, .finished(by: .client)), ""))
        return events
    }()

    /// Of a symptom, as it is gathered from these.
    static func timelines(of symptoms: [Symptom]) -> [Timeline] {
        var collector = TimelineCollector(symptoms.map(\.timelineSubject))
        for (event, text) in events { collector.receive(event, Array(text.utf8).span) }
        return collector.timelines()
    }
}
