import Testing

@testable import Recordings

@Suite struct RecordingIndexTests {
    @Test func `with an index, without one and with a damaged one the same events are found`()
        throws
    {
        let events = conversation(lines: 400)
        let whole = try recording(of: events)
        let unended = try recording(of: events, isEnded: false)
        var damaged = whole
        damaged.bytes[whole.bytes.count - 2 * 4096 + 80] ^= 1
        let middle = events[events.count / 2].event.instant
        for file in [whole, unended, damaged] {
            var reader = try RecordingReader(file)
            #expect((reader.index != nil) == (file.bytes == whole.bytes))
            #expect(try reader.all().events == events)
            let late = events.filter { $0.event.instant >= middle }
            #expect(try reader.all(from: middle).events == late)
            let early = events.filter { $0.event.instant <= middle }
            #expect(try reader.all(until: middle).events == early)
            let second = late.filter { $0.event.connection == 2 }
            #expect(try reader.all(from: middle, connections: [2]).events == second)
            #expect(try reader.all(connections: [3]).events == [])
            #expect(try reader.all(connections: []).events == [])
        }
    }

    @Test func `only the blocks that may hold what was asked for are read`() throws {
        // Each connection has three blocks of its own of about 150; a run holds four.
        var events: [Recorded] = []
        for connection in 1...50 as ClosedRange<UInt32> {
            for turn in 0..<200 {
                let instant = Instant(nanoseconds: Int64(connection) * 1_000 + Int64(turn))
                let event = Event(
                    at: instant, connection: connection, attempt: 1, direction: .upstream, .chunk)
                events.append(Recorded(event: event, bytes: Array(repeating: 1, count: 40)))
            }
        }
        var reader = try RecordingReader(try recording(of: events))
        let (read, notes) = try reader.all(connections: [7])
        #expect(read.count == 200)
        #expect(notes.blocks <= 8)
        let (timed, timedNotes) = try reader.all(
            from: Instant(nanoseconds: 9_000), until: Instant(nanoseconds: 9_999))
        #expect(timed.count == 200)
        #expect(timedNotes.blocks <= 8)
    }

    @Test func `an index stays within its limits, and leaves no block out`() throws {
        let seed: UInt64 = 31
        print("seed \(seed)")
        var dice = TestDice(seed: seed)
        // 1,000 bytes: 9 runs and 57 buckets.
        var builder = IndexBuilder(room: 1_000)
        var truth: [(offset: UInt64, connections: Set<UInt32>, first: Int64, last: Int64)] = []
        for number in 0..<500 {
            var header = BlockHeader(
                kind: BlockKind.events, session: 1, sequence: 0, usedLength: 100, checksum: 0)
            let base = UInt32(number * 3 + 1)
            var connections: Set<UInt32> = [1]
            for _ in 0..<dice.below(5) { connections.insert(base + UInt32(dice.below(40))) }
            if dice.below(100) == 0 { connections.insert(.max - UInt32(dice.below(9))) }
            for connection in connections.sorted() { builder.note(connection) }
            header.lowestConnection = connections.min() ?? 0
            header.highestConnection = connections.max() ?? 0
            header.first = Instant(nanoseconds: Int64(number * 10))
            header.last = Instant(nanoseconds: Int64(number * 10 + dice.below(15)))
            let offset = UInt64(number + 1) * 4096
            builder.add(header, at: offset)
            truth.append(
                (offset, connections, header.first.nanoseconds, header.last.nanoseconds))
        }
        let index = builder.index
        #expect(index.runs.count <= 9)
        #expect(index.buckets.count <= 57)
        var block = [UInt8](repeating: 0, count: 1_000)
        var span = block.mutableSpan
        let end = index.encode(into: &span, at: 0)
        #expect(end <= 1_000)
        #expect(RecordingIndex.decode(block.span, 0..<end, end: 501 * 4096) == index)
        for _ in 0..<500 {
            let wanted = UInt32(dice.below(1_600) + 1)
            let from = Int64(dice.below(5_000))
            let places = index.places(
                from: Instant(nanoseconds: from), until: Instant(nanoseconds: from + 300),
                connections: [wanted])
            for block in truth
            where block.connections.contains(wanted) && block.last >= from
                && block.first <= from + 300
            {
                #expect(
                    places.contains { $0.contains(block.offset) }, "\(wanted) from \(from)")
            }
        }
    }

    @Test func `an index that makes no sense is not used`() {
        var block = [UInt8](repeating: 0, count: 200)
        var span = block.mutableSpan
        var builder = IndexBuilder()
        builder.note(1)
        var header = BlockHeader(
            kind: BlockKind.events, session: 1, sequence: 1, usedLength: 100, checksum: 0)
        (header.lowestConnection, header.highestConnection) = (1, 1)
        builder.add(header, at: 4096)
        let end = builder.index.encode(into: &span, at: 0)
        #expect(RecordingIndex.decode(block.span, 0..<end, end: 8192) == builder.index)
        #expect(RecordingIndex.decode(block.span, 0..<end, end: 8191) == nil)
        #expect(RecordingIndex.decode(block.span, 0..<(end - 1), end: 8192) == nil)
        #expect(RecordingIndex.decode(block.span, 0..<(end + 1), end: 8192) == nil)
        #expect(RecordingIndex.decode(block.span, 0..<3, end: 8192) == nil)
    }
}
