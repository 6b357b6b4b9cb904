import Faults
import Recordings
import Testing
import Text

@testable import Reactions
@testable import Reports

@Suite struct ReplayReportTests {
    @Test func `the summary says what was sent, what struck, what it did, and how to repeat it`()
        throws
    {
        try Golden.expect(Self.disturbed().text, equals: "replay-disturbed.txt")
    }

    @Test func `the same is JSON for machines`() throws {
        try Golden.expect(Self.disturbed().json(.pretty), equals: "replay-disturbed.json")
    }

    @Test func `a clean replay has a short summary`() throws {
        try Golden.expect(Self.clean().text, equals: "replay-clean.txt")
    }

    @Test func `a consumer that is not there is said first`() {
        var report = Self.clean()
        report.reactions = ReactionSummary()
        report.sent.unopened = 2
        report.reactions.add(
            Reaction(
                at: .start, connection: 1, attempt: 1,
                .attempt(failure: .refused, tookNanoseconds: 1)))
        #expect(report.isConsumerUnreachable)
        #expect(
            report.warnings == [
                "no connection to 127.0.0.1:6379 came to stand; start the consumer"
            ])
    }

    @Test func `text from outside acts on no terminal`() {
        var report = Self.disturbed()
        report.run.recording = "a\u{1b}[2J.weir"
        report.rules[0].reasons = [OutcomeLedger.Reason(text: "\u{7}ring", count: 1)]
        #expect(!report.text.contains("\u{1b}"))
        #expect(!report.text.contains("\u{7}"))
    }

    // MARK: - Reports

    private static func run() -> ReplayReport.Run {
        ReplayReport.Run(
            recording: "orders.weir", identity: "crc32c:1f0a2b3c",
            framing: .framer(FramerSettings(name: "redis")), seed: 7, consumer: "127.0.0.1:6379",
            pacing: "hybrid", speed: "1x", folder: "runs/20261124T030000Z-7",
            repeating: "weir replay orders.weir --to :6379 --seed 7", ending: .completed,
            nanoseconds: 12_345_678_901)
    }

    private static func sent() -> ReplayReport.Sent {
        var sent = ReplayReport.Sent()
        sent.connections = 2
        sent.messages = 100
        sent.originals = 100
        sent.bytes = 4_321
        sent.bytesReceived = 1_234
        return sent
    }

    private static func answer(
        _ message: UInt64, _ compared: Compared, kind: String = "SET", service: Int64? = 80_000
    ) -> Reaction {
        var answer = Answer(message: message, kind: kind, compared: compared)
        answer.bytes = 5
        answer.serviceNanoseconds = service
        answer.responseNanoseconds = service
        return Reaction(
            at: Instant(nanoseconds: Int64(message) * 1_000_000), connection: 3, attempt: 1,
            .answer(answer))
    }

    static func clean() -> ReplayReport {
        var reactions = ReactionSummary()
        reactions.add(
            Reaction(
                at: .start, connection: 1, attempt: 1,
                .attempt(failure: nil, tookNanoseconds: nil)))
        for message in 1...100 { reactions.add(answer(UInt64(message), .same)) }
        var delays = ReplayReport.Delays()
        for lateness in 1...100 { delays.lateness.add(nanoseconds: Int64(lateness) * 1_000) }
        return ReplayReport(run: run(), sent: sent(), reactions: reactions, delays: delays)
    }

    static func disturbed() -> ReplayReport {
        var report = clean()
        report.sent.copies = 3
        report.sent.resent = 2
        report.sent.unsent = 1
        report.sent.originals = 99
        report.sent.reconnects = 1
        report.sent.partial = 1
        report.sent.uncoupled = 1
        report.sent.uncoupledConnections = [2]
        report.rules = [
            rule("duplicate", planned: 3, applied: 3),
            rule(
                "disconnect", planned: 2, applied: 1, preempted: 1, reason: "it ended first"),
        ]
        report.conditions = [
            Condition(
                id: "latency",
                effect: .latency(
                    Latency(latencyNanoseconds: 2_500_000, jitterNanoseconds: 2_500_000)),
                direction: .upstream)
        ]
        report.delays.drawn.add(nanoseconds: 2_500_000)
        report.delays.applied.add(nanoseconds: 2_600_000)
        var wrong = answer(21, .different, kind: "INCR")
        if case .answer(var value) = wrong.what {
            value.difference = Difference(
                offset: 1, excerptOffset: 0, expected: Array(":5\r\n".utf8),
                actual: Array(":6\r\n".utf8), expectedBytes: 4)
            value.isError = false
            value.wasError = false
            wrong.what = .answer(value)
        }
        wrong.strike = "duplicate@3u17"
        report.reactions.add(wrong)
        report.reactions.add(answer(22, .extra))
        report.reactions.add(answer(23, .missing, service: nil))
        report.reactions.add(
            Reaction(
                at: Instant(nanoseconds: 5), connection: 3, attempt: 1,
                .ended(Ending(how: .reset, by: .server, direction: nil, isUnasked: true))))
        report.notes = ["orders.weir has holes (see weir check); what could be read was replayed"]
        return report
    }

    private static func rule(
        _ name: String, planned: UInt64, applied: UInt64, preempted: UInt64 = 0, reason: String = ""
    ) -> OutcomeLedger.RuleCounts {
        var counts = OutcomeLedger.RuleCounts(rule: name, label: .delivery)
        counts.planned = planned
        counts.applied = applied
        counts.preempted = preempted
        if preempted > 0 { counts.reasons = [OutcomeLedger.Reason(text: reason, count: preempted)] }
        return counts
    }
}
