import Faults
import Recordings
import Testing
import Text

@testable import Reactions

/// What a consumer that dials did, from the recording and the events of a replay as the server.
struct ServingLogTests {
    private func recorded() throws -> Transcript {
        var builder = try TranscriptBuilder(framing: try FramingChoice(parsing: "redis"))
        let events: [(Int64, Direction?, Event.Fact, String)] = [
            (0, nil, .opened(route: 0, client: "", server: ""), ""),
            (1, .upstream, .chunk, "HELLO 3\r\n"), (2, .downstream, .chunk, "+OK\r\n"),
            (3, .upstream, .chunk, "INCR x\r\n"), (4, .downstream, .chunk, ":1\r\n"),
            (5, .upstream, .finished(by: .client), ""),
        ]
        for (time, direction, fact, text) in events {
            builder.receive(
                Event(
                    at: Instant(nanoseconds: time), connection: 3, attempt: 1,
                    direction: direction, fact), Array(text.utf8).span, fileOffset: 0)
        }
        return builder.finish()
    }

    private func reactions(
        _ events: [(Int64, UInt16, Direction?, Event.Fact, String)]
    ) throws -> [Reaction] {
        var log = try ServingLog(
            of: recorded(),
            settings: ReactionSettings(
                framing: try FramingChoice(parsing: "redis"), consumer: .client))
        var list: [Reaction] = []
        for (time, attempt, direction, fact, text) in events {
            log.receive(
                Event(
                    at: Instant(nanoseconds: time), connection: 3, attempt: attempt,
                    direction: direction, fact), Array(text.utf8).span)
            while let reaction = log.next() { list.append(reaction) }
        }
        log.finish()
        return list
    }

    private func mark(_ mark: ServingMark) -> Event.Fact { .mark(label: mark.label) }

    private func again(_ message: UInt64, since: Int64) -> Event.Fact {
        mark(
            .request(
                .init(
                    number: message,
                    match: .again(
                        .init(
                            connection: 3, message: message, answer: .kept, times: 2,
                            sinceNanoseconds: since)))))
    }

    private func retried() throws -> [Reaction] {
        try reactions([
            (100, 1, nil, mark(.accepted(by: .firstMessage, afterNanoseconds: 10)), ""),
            (100, 1, .upstream, .chunk, "HELLO 3\r\n"), (110, 1, .upstream, .chunk, "INCR x\r\n"),
            (120, 1, .downstream, .strike(StrikeOutcome(id: "cut@3d2", result: .applied)), ""),
            (120, 1, nil, .reset(by: .weir), ""),
            (150, 2, nil, mark(.accepted(by: .firstMessage, afterNanoseconds: 5)), ""),
            (150, 2, .upstream, .chunk, "HELLO 3\r\n"),
            (150, 2, .downstream, again(1, since: 50), ""),
            (160, 2, .upstream, .chunk, "INCR x\r\n"),
            (160, 2, .downstream, again(2, since: 50), ""),
            (170, 2, .upstream, .finished(by: .client), ""),
            (171, 2, .downstream, .finished(by: .server), ""),
        ])
    }

    @Test func `attempts, resends and their strike are told, a handshake as what it is`() throws {
        var retries = ConsumerRetries()
        for reaction in try retried() { retries.add(reaction) }
        #expect(retries.attempts.map(\.instant.nanoseconds) == [90, 145])
        #expect(retries.attempts.map(\.strike) == ["", "cut@3d2"])
        #expect(retries.attempts.map(\.sinceEndNanoseconds) == [nil, 25])
        #expect(retries.attempts.map(\.isRedial) == [false, true])
        #expect(retries.resends.map(\.resent.message) == [1, 2])
        #expect(retries.resends.map(\.resent.isSessionState) == [true, false])
        #expect(retries.resends.map(\.strike) == ["cut@3d2", "cut@3d2"])
        #expect((retries.resendCount, retries.sessionStateCount) == (1, 1))
        #expect((retries.attemptCount, retries.redialCount) == (2, 1))
        // It had asked for all that it asked for in the recording, and ended as it did there.
        let ends = try retried().compactMap { reaction -> Reactions.Ending? in
            guard case .ended(let ending) = reaction.what else { return nil }
            return ending
        }
        #expect(ends.map(\.by) == [.weir, .client, .server])
        #expect(ends.filter(\.isUnasked).isEmpty)
    }

    @Test func `who ends before it has asked for all was not asked to`() throws {
        let ends = try reactions([
            (100, 1, nil, mark(.accepted(by: .order, afterNanoseconds: 0)), ""),
            (100, 1, .upstream, .chunk, "HELLO 3\r\n"), (110, 1, nil, .reset(by: .client), ""),
        ]).compactMap { reaction -> Reactions.Ending? in
            guard case .ended(let ending) = reaction.what else { return nil }
            return ending
        }
        #expect(ends.map(\.isUnasked) == [true])
    }

    @Test func `each has its line`() throws {
        var writer = ReactionLine(started: Timestamp(nanoseconds: 0))
        let lines = try retried().map { String(decoding: writer.line($0), as: UTF8.self) }
        #expect(
            lines[2]
                == #"{"type":"attempt","time":"1970-01-01T00:00:00.000000150Z","t_ns":150,"#
                + #""connection":3,"attempt":2,"result":"accepted","by":"first-message","#
                + #""accepted_ns":145,"since_end_ns":25,"strike":"cut@3d2"}"#)
        #expect(
            lines[4]
                == #"{"type":"resent","time":"1970-01-01T00:00:00.000000160Z","t_ns":160,"#
                + #""connection":3,"attempt":2,"request":2,"of_connection":3,"message":2,"#
                + #""kind":"INCR","state":false,"answer":"kept","times":2,"since_ns":50,"#
                + #""strike":"cut@3d2"}"#)
    }

    @Test func `a summary counts them apart`() throws {
        var summary = ReactionSummary(consumer: .client)
        for reaction in try retried() { summary.add(reaction) }
        #expect((summary.accepted, summary.redials) == (2, 1))
        #expect((summary.resent, summary.resentState) == (1, 1))
        #expect(summary.closes == 1)
        #expect(summary.unaskedEnds == 0)
    }
}
