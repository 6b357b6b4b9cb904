import Testing

@testable import Recordings

struct TranscriptTests {
    private func transcript(
        _ framing: String, _ script: String, units: MessageUnits = .messages, limit: Int = 1_000
    ) throws -> Transcript {
        var builder = try TranscriptBuilder(
            framing: FramingChoice(parsing: framing), units: units, limit: limit)
        var fileOffset: UInt64 = 1_000
        for (event, bytes) in EventScript(script).events {
            builder.receive(event, bytes.span, fileOffset: fileOffset)
            fileOffset += UInt64(bytes.count) + 24
        }
        return builder.finish()
    }

    private func only(_ framing: String, _ script: String) throws -> TranscriptConnection {
        let transcript = try transcript(framing, script)
        return try #require(transcript.connections.first)
    }

    @Test func `an exchange has its answers, their times, and what it waited for`() throws {
        let connection = try only(
            "line",
            #"""
            5 open
            10 > a\nb
            12 > \n
            20 < 1\n2
            25 < \n
            30 > c\n
            """#)
        #expect(connection.upstream.count == 3 && connection.downstream.count == 2)
        #expect(connection.opened == Instant(nanoseconds: 5) && connection.pairsAnswers)
        let second = connection.upstream.message(2)
        #expect(second.offset == 2 && second.length == 2 && second.kind == "line")
        #expect(second.began.nanoseconds == 10 && second.ended.nanoseconds == 12)
        let exchange = connection.exchange(2)
        #expect(exchange.answers == 2...2 && exchange.isComplete)
        #expect(exchange.answerBegan?.nanoseconds == 20 && exchange.answerEnded?.nanoseconds == 25)
        #expect(exchange.flight == 1 && exchange.dependsOn == 0 && exchange.dependsOnBytes == 0)
        let third = connection.exchange(3)
        #expect(third.flight == 2 && third.dependsOn == 2 && third.dependsOnBytes == 4)
        #expect(third.answers == nil && third.answerBegan == nil && !third.isComplete)
        #expect(connection.resend(cutAt: 2) == [1, 2] && connection.resend(cutAt: 3) == [3])
    }

    @Test func `pushes between answers are no answers`() throws {
        let confirm = #"*3\r\n$9\r\nsubscribe\r\n$1\r\n"#
        let connection = try only(
            "redis",
            """
            1 > SUBSCRIBE a b\\r\\nAUTH x\\r\\n
            2 < \(confirm)a\\r\\n:1\\r\\n
            3 < *3\\r\\n$7\\r\\nmessage\\r\\n$1\\r\\na\\r\\n$1\\r\\nx\\r\\n
            4 < \(confirm)b\\r\\n:2\\r\\n-ERR no\\r\\n
            """)
        #expect(connection.exchange(1).answers == 1...3)
        #expect(connection.answers(to: 1) == [1, 3])
        #expect(connection.downstream.message(2).role == .unsolicited)
        #expect(
            connection.downstream.message(4).role
                == .answer(to: 2, completes: true, isError: true))
        #expect(connection.authentication == 2)
        #expect(connection.upstream.message(2).isSpared)
        #expect(connection.upstream.message(1).state == SessionState(key: "SUBSCRIBE a b"))
        #expect(connection.upstream.messages.map(\.kind) == ["SUBSCRIBE", "AUTH"])
    }

    @Test func `bytes can be found in the file again`() throws {
        let connection = try only(
            "line",
            #"""
            1 > abc\nde
            2 > f\n
            3 > gh\n
            """#)
        func places(_ number: UInt64) -> [[UInt64]] {
            connection.upstream.places(connection.upstream.message(number).range).map {
                [$0.offset, $0.fileOffset, UInt64($0.count), UInt64($0.instant.nanoseconds)]
            }
        }
        #expect(places(1) == [[0, 1_000, 4, 1]])
        #expect(places(2) == [[4, 1_004, 2, 1], [6, 1_030, 2, 2]])
        #expect(places(3) == [[8, 1_056, 3, 3]])
        #expect(connection.upstream.places(20..<30).isEmpty)
        #expect(connection.upstream.bytes == 11)
    }

    @Test func `each link ends as it did`() throws {
        let connections = try transcript(
            "line",
            #"""
            1 c1 open
            2 c2 open
            3 c1 fin >
            4 c1 fin <
            5 c3 open
            6 c2 fin <
            7 c2 reset client
            8 c4 open
            9 c4 > x
            10 c5 refused
            """#
        ).connections
        #expect(connections.map(\.number) == [1, 2, 3, 4])
        #expect(connections.map(\.endedBefore) == [0, 0, 1, 2])
        #expect(
            connections[0].upstream.end
                == .init(how: .finished, by: .client, instant: Instant(nanoseconds: 3)))
        #expect(connections[0].downstream.end?.by == .server)
        #expect(connections[1].downstream.end?.how == .finished)
        #expect(connections[1].upstream.end?.how == .reset && connections[1].hasEnded)
        #expect(connections[2].upstream.end == nil && !connections[2].hasEnded)
        #expect(connections[3].upstream.unfinished == 0 && connections[3].upstream.count == 0)
    }

    @Test func `a refused connection is listed as such`() throws {
        let transcript = try transcript("none", "10 c5 refused")
        #expect(transcript.connections.isEmpty)
        #expect(transcript.refusals.map(\.connection) == [5])
    }

    @Test func `a link is opaque from its last whole message, and a gap counts its bytes`() throws {
        let connection = try only(
            "redis",
            #"""
            1 > PING\r\nPI
            2 gap > 100
            3 > NG\r\n
            4 < +PONG\r\n+x
            """#)
        #expect(connection.upstream.opaque?.offset == 6 && connection.upstream.opaque?.noticed == 8)
        #expect(connection.upstream.gaps.map(\.bytes) == [100])
        #expect(connection.upstream.bytes == 112)
        #expect(connection.upstream.extents.map(\.offset) == [0, 108])
        #expect(connection.exchange(1).isComplete)
        #expect(connection.downstream.opaque?.reason == "requests are missing")
    }

    @Test func `chunks can stand for messages`() throws {
        let script = #"""
            1 > abc
            2 > de
            3 < x
            4 > f
            """#
        let connection = try #require(
            try transcript("none", script, units: .chunks).connections.first)
        #expect(connection.upstream.messages.map(\.length) == [3, 2, 1])
        #expect((1...3).map { connection.exchange($0).flight } == [1, 1, 2])
        #expect((1...3).map { connection.exchange($0).dependsOnBytes } == [0, 0, 1])
        #expect((1...3).map { connection.exchange($0).dependsOn } == [0, 0, 2])
        #expect(connection.resend(cutAt: 2) == [1, 2] && connection.resend(cutAt: 3) == [3])
        let bytes = try only("none", script)
        #expect(bytes.upstream.count == 0 && bytes.upstream.bytes == 6)
        #expect(bytes.upstream.opaque?.reason == "no framer")
    }

    @Test func `where nothing arrived, what was sent is the link`() throws {
        var builder = try TranscriptBuilder(framing: FramingChoice(parsing: "line"))
        let bytes = Array("a\n".utf8)
        func event(_ direction: Direction, _ fact: Event.Fact) -> Event {
            Event(at: .start, connection: 1, attempt: 1, direction: direction, fact)
        }
        builder.receive(
            event(.upstream, .sent(Sent(message: 1, source: .literal))), bytes.span, fileOffset: 0)
        builder.receive(event(.downstream, .chunk), bytes.span, fileOffset: 2)
        builder.receive(
            event(.downstream, .sent(Sent(message: 1, source: .literal))), bytes.span,
            fileOffset: 4)
        let connection = try #require(builder.finish().connections.first)
        #expect(connection.upstream.count == 1 && connection.downstream.count == 1)
        #expect(connection.exchange(1).isComplete)
    }

    @Test func `more messages than the limit are left out, and it is said`() throws {
        let transcript = try transcript("line", #"1 > a\nb\nc\n"#, limit: 2)
        #expect(transcript.isCutShort && transcript.connections[0].upstream.count == 2)
        #expect(try !self.transcript("line", #"1 > a\nb\n"#, limit: 2).isCutShort)
    }

    @Test func `records are as small as they say`() {
        #expect(MemoryLayout<MessageRecord>.stride == 56)
        #expect(MemoryLayout<ExchangeRecord>.stride == 56)
        #expect(MemoryLayout<TranscriptLink.Extent>.stride == 32)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `what a cut sends again is what the tracker said`(seed: UInt64) throws {
        var dice = SeededNumbers(seed: seed)
        let commands = [
            "GET a", "MULTI", "EXEC", "CLIENT REPLY SKIP", "INCR b", "SUBSCRIBE a b", "PING",
        ]
        var builder = try TranscriptBuilder(framing: FramingChoice(parsing: "redis"))
        var conversation = Conversation(framer: RedisFramer())
        var tracker = ExchangeTracker(conversation)
        var expected: [[UInt64]] = []
        let breaks = dice.below(3) == 0
        var tail = ""
        for step in 0..<300 {
            let isUp = dice.below(2) == 0
            var text = ""
            for _ in 0...dice.below(3) {
                text += isUp ? commands[dice.below(commands.count)] + "\r\n" : "+OK\r\n"
            }
            if !isUp {
                text = tail + text
                tail = dice.below(2) == 0 ? "b\r\n" : ""
                if !tail.isEmpty { text += "$2\r\na" }
            }
            if breaks && step == 200 { text = isUp ? text : "?" }
            let event = Event(
                at: .start, connection: 1, attempt: 1,
                direction: isUp ? .upstream : .downstream, .chunk)
            let bytes = Array(text.utf8)
            builder.receive(event, bytes.span, fileOffset: 0)
            tracker.receive(
                bytes.span, isUp ? .upstream : .downstream, at: .start, ordinal: UInt64(step),
                in: &conversation)
            if step == 299 { tracker.finish() }
            while let fact = tracker.next() {
                guard case .message(let tracked) = fact, tracked.placed.direction == .upstream
                else { continue }
                expected.append(tracker.resendRanges.flatMap { Array($0) })
            }
        }
        let connection = try #require(builder.finish().connections.first)
        #expect(connection.upstream.count == UInt64(expected.count) && expected.count > 200)
        for number in 1...connection.upstream.count {
            #expect(
                connection.resend(cutAt: number) == expected[Int(number) - 1],
                "seed \(seed), message \(number)")
        }
    }

    @Test func `the first connection that can be told tells the protocol`() throws {
        var detector = RecordingDetector()
        for (event, bytes) in EventScript(
            #"""
            1 c1 > PIN
            2 c2 > GET a\r\n
            3 c2 < $-1\r\n
            """#
        ).events {
            #expect(detector.decision == nil)
            detector.receive(event, bytes.span)
        }
        guard case .framer(let settings, _) = detector.finish() else {
            Issue.record("not told")
            return
        }
        #expect(settings.name == "redis")
        #expect(RecordingDetector().finish() == .undecided)
    }
}
