import Faults
import Recordings
import Testing

@testable import Reactions

@Suite struct RecordingCutTests {
    static let framing = FramingChoice.framer(FramerSettings(name: "line"))

    /// Requests `c2m7` and answers `a2m7` of so many connections, cut into chunks and mixed by the
    /// dice; each connection is ended.
    static func events(
        connections: UInt32, messages: Int, _ random: inout SeededRandom
    ) -> [(event: Event, bytes: [UInt8])] {
        var events: [(event: Event, bytes: [UInt8])] = []
        func add(
            _ connection: UInt32, _ direction: Direction?, _ fact: Event.Fact, _ bytes: [UInt8] = []
        ) {
            let instant = Instant(nanoseconds: Int64(events.count + 1) * 1_000)
            events.append(
                (
                    Event(
                        at: instant, connection: connection, attempt: 1, direction: direction,
                        fact),
                    bytes
                ))
        }
        var sent = [UInt32: Int]()
        for connection in 1...connections {
            add(connection, nil, .opened(route: 0, client: "", server: ""))
        }
        while sent.values.reduce(0, +) < Int(connections) * messages {
            let connection = UInt32(random.below(UInt64(connections))) + 1
            let first = sent[connection, default: 0] + 1
            let last = min(messages, first + Int(random.below(4)))
            guard first <= last else { continue }
            sent[connection] = last
            for (direction, letter) in [(Direction.upstream, "c"), (.downstream, "a")] {
                var bytes = (first...last).flatMap { Array("\(letter)\(connection)m\($0)\n".utf8) }
                while !bytes.isEmpty {
                    let count = 1 + Int(random.below(UInt64(bytes.count)))
                    add(connection, direction, .chunk, Array(bytes.prefix(count)))
                    bytes.removeFirst(count)
                }
            }
            if last == messages {
                add(connection, .upstream, .finished(by: .client))
                add(connection, .downstream, .finished(by: .server))
            }
        }
        return events
    }

    static func file(_ events: [(event: Event, bytes: [UInt8])]) throws -> MemoryFile {
        var writer = try RecordingWriter(
            RecordingHeader(), session: 1, to: MemoryFile(), capacity: 64 << 10)
        for (event, bytes) in events { try writer.append(event, bytes.span) }
        try writer.finish()
        return writer.sink
    }

    static func transcript(_ file: MemoryFile) throws -> Transcript {
        var reader = try RecordingReader(file)
        return try reader.transcript(framing).transcript
    }

    static func cut(
        _ events: [(event: Event, bytes: [UInt8])], _ cut: RecordingCut
    ) throws -> MemoryFile {
        var cut = cut
        var kept: [(event: Event, bytes: [UInt8])] = []
        for (event, bytes) in events {
            for piece in cut.pieces(of: event, count: bytes.count) {
                kept.append((event, Array(bytes[piece])))
            }
        }
        return try file(kept)
    }

    /// The messages of a link as text.
    static func lines(
        _ direction: Direction, of connection: TranscriptConnection, in file: MemoryFile
    ) -> [String] {
        connection[direction].messages.map { message in
            let bytes = connection[direction].places(message.range).flatMap { place in
                file.bytes[Int(place.fileOffset)..<Int(place.fileOffset) + Int(place.count)]
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `strikes on each of 30,000 connections are moved in no time`() throws {
        let count: UInt32 = 30_000
        let transcript = try ShrinkerTests.transcript(messages: 2, connections: count)
        var part = RecordingPart(connections: Array(1...count))
        part.leftOut = [1: [1]]
        let cut = RecordingCut(transcript, part)
        let schedule = Schedule(
            seed: 1,
            strikes: (1...4).flatMap { rule in
                (1...count).map { connection in
                    Strike(
                        id: "\(rule)@\(connection)u2", rule: "\(rule)", connection: connection,
                        direction: .upstream, message: 2, effect: .drop)
                }
            })
        let moved = try #require(cut.schedule(schedule, identity: "part"))
        let numbers = [1] + Array(repeating: UInt64(2), count: Int(count) - 1)
        #expect(moved.strikes.map(\.message) == numbers + numbers + numbers + numbers)
        #expect(!part.keeps(0) && part.keeps(1) && part.keeps(count) && !part.keeps(count + 1))
        #expect(!RecordingPart(connections: []).keeps(1))
    }

    @Test func `whatever is left out, what is kept is there with its answers and nothing else`()
        throws
    {
        let seed: UInt64 = 11
        print("seed \(seed)")
        var random = SeededRandom(state: seed)
        for _ in 0..<150 {
            let events = Self.events(connections: 3, messages: 12, &random)
            let transcript = try Self.transcript(Self.file(events))
            var part = RecordingPart()
            if random.below(2) == 0 { part.connections = [1, 3] }
            if random.below(2) == 0 {
                part.until = events[Int(random.below(UInt64(events.count)))].event.instant
            }
            for _ in 0..<random.below(20) {
                let connection = UInt32(random.below(3)) + 1
                part.leftOut[connection, default: []].insert(1 + random.below(12))
            }
            let cut = RecordingCut(transcript, part)
            let file = try Self.cut(events, cut)
            let after = try Self.transcript(file)
            for connection in transcript.connections {
                let number = connection.number
                let kept = (1...12 as ClosedRange<UInt64>).filter { message in
                    part.keeps(number)
                        && part.keeps(
                            message, of: number, began: connection.upstream.began(message))
                }
                let there = after.connection(number)
                #expect((there == nil) == kept.isEmpty)
                for (place, message) in kept.enumerated() {
                    #expect(cut.number(message, of: number) == UInt64(place) + 1)
                }
                guard let there else { continue }
                let upstream = Self.lines(.upstream, of: there, in: file)
                let downstream = Self.lines(.downstream, of: there, in: file)
                #expect(upstream == kept.map { "c\(number)m\($0)\n" })
                #expect(downstream == kept.map { "a\(number)m\($0)\n" })
                let ends = [connection.upstream.end, connection.downstream.end]
                let isInTime = ends.allSatisfy { end in
                    end.map { $0.instant <= part.until ?? $0.instant } ?? false
                }
                #expect(there.hasEnded == (isInTime || kept.count == 12))
            }
        }
    }

    @Test func `a recording of which nothing is left out stays as it is, byte for byte`() throws {
        var random = SeededRandom(state: 12)
        let events = Self.events(connections: 2, messages: 9, &random)
        let file = try Self.file(events)
        let cut = RecordingCut(try Self.transcript(file), RecordingPart())
        #expect(try Self.cut(events, cut).bytes == file.bytes)
    }

    @Test func `strikes, conditions and symptoms move with their messages`() throws {
        var random = SeededRandom(state: 13)
        let events = Self.events(connections: 1, messages: 12, &random)
        let transcript = try Self.transcript(Self.file(events))
        let cut = RecordingCut(
            transcript, RecordingPart(leftOut: [1: [1, 2, 6, 9]]))
        func strike(_ message: UInt64, _ effect: StrikeEffect) -> Strike {
            Strike(
                id: "s@1u\(message)", rule: "s", connection: 1, direction: .upstream,
                message: message, effect: effect)
        }
        let schedule = Schedule(
            seed: 7, recording: "crc32c:1",
            conditions: [
                Condition(
                    id: "latency", effect: .latency(Latency(latencyNanoseconds: 1)),
                    direction: .upstream, connections: [1...1], messages: [5...9])
            ],
            strikes: [
                strike(3, .duplicate(copies: 1, afterNanoseconds: 0)),
                strike(7, .reorder(with: 8...8)),
                strike(10, .disconnect(Cut(sentBytes: 2, resend: [5...7, 9...10]))),
            ])
        let moved = try #require(cut.schedule(schedule, identity: "crc32c:2"))
        #expect(moved.header.recording == "crc32c:2")
        #expect(moved.strikes.map(\.id) == schedule.strikes.map(\.id))
        #expect(moved.strikes.map(\.message) == [1, 4, 6])
        #expect(moved.strikes[1].effect == .reorder(with: 5...5))
        #expect(moved.strikes[2].effect.cut?.resend == [3...4, 6...6])
        #expect(moved.conditions[0].messages == [3...5])
        #expect(
            cut.place(.answer(connection: 1, attempt: 1, message: 8))
                == .answer(connection: 1, attempt: 1, message: 5))
        var received = strike(10, .stall(sentBytes: 0, nanoseconds: 1))
        received.direction = .downstream
        let others = Schedule(
            seed: 7, strikes: [received, strike(3, .overtaken(by: 12, of: 1))])
        let there = try #require(cut.schedule(others, identity: ""))
        #expect(there.strikes[0].message == 6)
        #expect(there.strikes[1].effect == .overtaken(by: 8, of: 1))
        let gone = Schedule(
            seed: 7, strikes: [strike(6, .duplicate(copies: 1, afterNanoseconds: 0))])
        #expect(cut.schedule(gone, identity: "") == nil)
    }
}
