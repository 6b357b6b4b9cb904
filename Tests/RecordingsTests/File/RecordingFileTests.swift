import Testing

@testable import Recordings

@Suite struct RecordingFileTests {
    @Test func `what is written is read back, with its header and index`() throws {
        let header = RecordingHeader(
            wallClockStart: 5, monotonicStart: 6, toolVersion: "1.2", protocolText: "line",
            routes: [.init(name: "main", listen: "127.0.0.1:1", upstream: "127.0.0.1:2")],
            notes: [.init(key: "command", value: "weir record")])
        let events = conversation(lines: 3)
        var reader = try RecordingReader(try recording(of: events, header))
        #expect(reader.header == header)
        #expect(reader.isEnded)
        let (read, notes) = try reader.all()
        #expect(read == events)
        #expect(notes.isClean)
        #expect(try RecordingCheck(&reader).damages == [])
        let (transcript, _) = try reader.transcript(try reader.framing().choice)
        #expect(transcript.connections.map(\.upstream.count) == [2, 1])
    }

    @Test func `events of every kind survive blocks of any size`() throws {
        let seed: UInt64 = 41
        print("seed \(seed)")
        var dice = TestDice(seed: seed)
        for capacity in [4096, 8192, 1 << 20] {
            var events: [Recorded] = []
            for _ in 0..<400 {
                let event = dice.event(EventKind.allCases[dice.below(EventKind.allCases.count)])
                let bytes = EventLayout.carriesBytes(event.fact) ? dice.bytes(900) : []
                events.append(Recorded(event: event, bytes: bytes))
            }
            var reader = try RecordingReader(
                try recording(of: events, capacity: capacity, flushingEvery: 100))
            let (read, notes) = try reader.all()
            #expect(read == events, "blocks of \(capacity)")
            #expect(notes.isClean)
            #expect(try RecordingCheck(&reader).isClean)
        }
    }

    @Test func `bytes received into the block cost 20 bytes a chunk and a thousandth`() throws {
        var layout = BlockLayout(session: 1)
        var block = [UInt8](repeating: 0xaa, count: layout.capacity)
        var span = block.mutableSpan
        var (payload, chunks, stored) = (0, 0, 0)
        for round in 0..<200 {
            let wanted = round % 3 == 0 ? 64 : 65_536
            if layout.reserveChunk(atLeast: 4096) == nil { stored += layout.seal(&span) }
            let room = try #require(layout.reserveChunk(atLeast: 4096))
            let count = min(wanted, room.count)
            layout.commitChunk(
                count: count, at: Instant(nanoseconds: Int64(round)), connection: 1, attempt: 1,
                direction: .upstream, in: &span)
            payload += count
            chunks += 1
            if round % 10 == 0 { layout.updateChecksum(of: span.span) }
        }
        stored += layout.seal(&span)
        #expect(layout.totals.blocks == 5)
        #expect(layout.totals.events == UInt64(chunks))
        #expect(stored <= payload + 24 * chunks + payload / 1_000 + RecordingFormat.alignment)
    }

    @Test func `a block says when it is full, and how old its oldest event is`() throws {
        var layout = BlockLayout(session: 1, capacity: 4096)
        var block = [UInt8](repeating: 0, count: 4096)
        var span = block.mutableSpan
        #expect(layout.oldest == nil)
        let room = try #require(layout.reserveChunk())
        #expect(room == 92..<4096)
        layout.commitChunk(
            count: room.count - 20, at: Instant(nanoseconds: 7), connection: 1, attempt: 1,
            direction: .upstream, in: &span)
        #expect(layout.oldest == Instant(nanoseconds: 7))
        #expect(layout.reserveChunk() == nil)
        let late = Event(at: Instant(nanoseconds: 8), .stalled)
        let fits = layout.append(late, in: &span)
        #expect(fits)
        let fitsAgain = layout.append(late, in: &span)
        #expect(!fitsAgain)
        let stored = layout.seal(&span)
        #expect(stored == 4096)
        #expect(layout.isEmpty && layout.oldest == nil)
        #expect(layout.fileOffset == 4096)
    }

    @Test func `the same events have the same identity, however they are shared out`() throws {
        let events = conversation(lines: 150)
        func identity(_ file: MemoryFile) throws -> String {
            var reader = try RecordingReader(file)
            return try reader.identityText()
        }
        let one = try identity(recording(of: events))
        #expect(one.hasPrefix("crc32c:") && one.count == 15)
        #expect(try identity(recording(of: events, session: 77, capacity: 1 << 16)) == one)
        #expect(try identity(recording(of: events, isEnded: false, flushingEvery: 7)) == one)
        #expect(try identity(recording(of: Array(events.dropLast()))) != one)
    }

    @Test func `a header that does not fit is refused, and unknown fields are skipped`() throws {
        let note = RecordingHeader.Note(key: "k", value: String(repeating: "v", count: 5_000))
        #expect(throws: RecordingFileError.headerTooLong(limit: 4096)) {
            try recording(of: [], RecordingHeader(notes: [note]))
        }
        var file = try recording(of: [], RecordingHeader(toolVersion: "1", protocolText: "line"))
        // The protocol's tag becomes one that nobody knows.
        let tag = BlockHeader.length + 14 + 14 + 9
        #expect(file.bytes[tag] == 4)
        file.bytes[tag] = 99
        reseal(&file.bytes, at: 0)
        let reader = try RecordingReader(file)
        #expect(reader.header == RecordingHeader(toolVersion: "1"))
    }

    @Test func `a summary counts what each link carried, and says how it ended`() throws {
        var events = conversation(lines: 5)
        func session(_ fact: Event.Fact, _ connection: UInt32 = 0) -> Recorded {
            Recorded(
                event: Event(at: Instant(nanoseconds: 99), connection: connection, fact), bytes: [])
        }
        events += [
            session(.strike(StrikeOutcome(id: "a@1u1", result: .applied)), 1),
            session(.strike(StrikeOutcome(id: "a@1u2", result: .skipped, reason: "r")), 1),
            session(.gap(bytes: 0, reason: "r")), session(.mark(label: "m")),
            session(.refused(reason: .timedOut, errno: 110, tookNanoseconds: 1), 3),
            session(.gap(bytes: 12, reason: "r"), 4), session(.reset(by: .server), 4),
        ]
        var reader = try RecordingReader(try recording(of: events))
        let summary = try reader.summary(.init(parsing: "line"))
        #expect(summary.connections.map(\.number) == [1, 2, 3, 4])
        let first = summary.connections[0]
        #expect(first.client == "c1" && first.server == "s")
        #expect(first.upstream.bytes == 18 && first.upstream.chunks == 3)
        #expect(first.upstream.messages == 3 && first.downstream.messages == 3)
        #expect(first.opened == Instant(nanoseconds: 1_000))
        #expect(first.ended == Instant(nanoseconds: 14_000))
        #expect(
            summary.connections.map(\.ending.description) == [
                "finished by client", "finished by client", "refused (timed out)",
                "reset by server",
            ])
        #expect(summary.connections[3].gaps == 2)
        #expect(summary.connections[3].upstream.missingBytes == 12)
        #expect(summary.strikes == .init(applied: 1, preempted: 0, skipped: 1))
        #expect(summary.gaps == 1 && summary.marks == 1 && summary.refusals == 1)
    }
}
