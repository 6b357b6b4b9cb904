import Testing

@testable import Recordings

@Suite struct DamagedRecordingTests {
    @Test func `every prefix of a file gives a prefix of its events, and says that it is cut`()
        throws
    {
        let events = conversation(lines: 8)
        let whole = try recording(of: events, flushingEvery: 8)
        #expect(whole.bytes.count == 6 * 4096)
        for length in tellingPlaces(of: whole).dropFirst() {
            var reader = try RecordingReader(MemoryFile(Array(whole.bytes[..<length])))
            #expect(!reader.isEnded)
            let (read, notes) = try reader.all()
            #expect(read.elementsEqual(events.prefix(read.count)), "\(length) bytes")
            // Blocks that are whole are read.
            let blocks = min(3, max(0, length / 4096 - 1))
            #expect(notes.blocks == UInt64(blocks), "\(length) bytes")
            let kind: Damage.Kind? = notes.damages.first?.kind
            guard length < 5 * 4096 else { continue }
            #expect(kind == (length % 4096 == 0 ? .notEnded : .tornTail), "\(length) bytes")
            #expect(notes.isOnlyCut)
        }
    }

    @Test func `every change of a byte is found, and no event is another one`() throws {
        let events = conversation(lines: 6)
        let whole = try recording(of: events, flushingEvery: 9)
        #expect(whole.bytes.count == 5 * 4096)
        for place in tellingPlaces(of: whole) {
            for mask in [0x01, 0xff] as [UInt8] {
                var changed = whole
                changed.bytes[place] ^= mask
                var reader = try RecordingReader(changed)
                let check = try RecordingCheck(&reader)
                guard !check.isClean else {
                    Issue.record("byte \(place) ^ \(mask) was not found")
                    continue
                }
                let (read, notes) = try reader.all()
                let real = read.filter { !$0.isGap }
                let lost = notes.damages.contains { $0.losesEvents }
                if real != events {
                    #expect(lost, "byte \(place): events are lost and it is not said")
                    #expect(real.isSubsequence(of: events), "byte \(place): other events")
                }
            }
        }
    }

    @Test func `a file without its first bytes is no recording, and nor is an empty one`() throws {
        #expect(throws: RecordingFileError.empty) { try RecordingReader(MemoryFile()) }
        let text = MemoryFile(Array(String(repeating: "no recording\n", count: 999).utf8))
        #expect(throws: RecordingFileError.notARecording) { try RecordingReader(text) }
    }

    @Test func `a newer major version is refused by name`() throws {
        var file = try recording(of: conversation(lines: 1))
        file.bytes[5] = 2
        reseal(&file.bytes, at: 0)
        #expect(throws: RecordingFileError.newerVersion(major: 2)) { try RecordingReader(file) }
        let sentence = RecordingFileError.newerVersion(major: 2).description
        #expect(sentence.hasPrefix("the recording has version 2 of the format"))
    }

    @Test func `a newer minor version with unknown blocks and events is read around them`() throws {
        let events = conversation(lines: 150)
        var file = try recording(of: events)
        // The second block of events becomes a kind of block that nobody knows.
        file.bytes[2 * 4096 + 4] = 77
        file.bytes[2 * 4096 + 6] = 9
        reseal(&file.bytes, at: 2 * 4096)
        // The first event becomes a kind of event that nobody knows.
        file.bytes[4096 + BlockHeader.length] = 200
        reseal(&file.bytes, at: 4096)
        var reader = try RecordingReader(file)
        let (read, notes) = try reader.all()
        #expect(notes.unknownBlocks == 1)
        #expect(notes.unknownEvents == 1)
        #expect(notes.isClean)
        #expect(read.isSubsequence(of: Array(events.dropFirst())))
        #expect(read.count > 50)
    }

    @Test func `events that were lost leave a gap on every link that was open`() throws {
        var events = conversation(lines: 150)
        let end = events.removeLast()
        var file = try recording(of: events + [end])
        file.bytes[2 * 4096 + 100] ^= 1
        var reader = try RecordingReader(file)
        let (read, notes) = try reader.all()
        #expect(notes.damages.map(\.offset) == [2 * 4096])
        #expect(notes.damages[0].kind == .content(blockKind: BlockKind.events))
        let gaps = read.filter(\.isGap).map { "\($0.event.connection) \(sign($0.event.direction))" }
        #expect(gaps == ["0 -", "1 >", "1 <", "2 >", "2 <"])
        let (transcript, _) = try reader.transcript(.init(parsing: "line"))
        for connection in transcript.connections {
            #expect(connection.upstream.gaps.count == 1)
            #expect(connection.upstream.opaque?.reason == "bytes are missing")
        }
    }

    @Test func `a connection that opened where events were lost has lost its first bytes`() throws {
        func chunk(_ connection: UInt32, at instant: Int64) -> Recorded {
            let event = Event(
                at: Instant(nanoseconds: instant), connection: connection, attempt: 1,
                direction: .upstream, .chunk)
            return Recorded(event: event, bytes: [1])
        }
        var writer = try RecordingWriter(
            RecordingHeader(), session: 1, to: MemoryFile(), capacity: 4096)
        try writer.append([chunk(1, at: 1)])
        try writer.flush()
        let opened = Event(
            at: .start, connection: 2, attempt: 1, .opened(route: 0, client: "", server: ""))
        try writer.append([Recorded(event: opened, bytes: [])])
        try writer.flush()
        try writer.append([chunk(2, at: 3), chunk(1, at: 4)])
        try writer.finish()
        var file = writer.sink
        file.bytes[2 * 4096] = 0
        var reader = try RecordingReader(file)
        let read = try reader.all().events.map {
            "\($0.event.connection) \(sign($0.event.direction)) \($0.isGap ? "gap" : "bytes")"
        }
        #expect(
            read == [
                "1 > bytes", "0 - gap", "1 > gap", "1 < gap", "2 > gap", "2 < gap", "2 > bytes",
                "1 > bytes",
            ])
    }

    @Test func `blocks of a file that stood here before are not read`() throws {
        let older = try recording(of: conversation(lines: 150), session: 1)
        let newer = try recording(of: conversation(lines: 3), session: 2, isEnded: false)
        let both = newer.bytes + older.bytes[newer.bytes.count...]
        var reader = try RecordingReader(MemoryFile(both))
        let (read, notes) = try reader.all()
        #expect(read == conversation(lines: 3))
        #expect(notes.damages.map(\.kind) == [.tornTail])
        #expect(notes.damages[0].offset == UInt64(newer.bytes.count))
    }

    @Test func `a block that is missing, doubled or behind the end is named`() throws {
        let events = conversation(lines: 150)
        let whole = try recording(of: events).bytes
        let (second, third) = (2 * 4096, 3 * 4096)
        func damages(_ bytes: [UInt8]) throws -> [Damage.Kind] {
            var reader = try RecordingReader(MemoryFile(bytes))
            let (read, notes) = try reader.all()
            #expect(read.filter { !$0.isGap }.isSubsequence(of: events))
            return notes.damages.map(\.kind)
        }
        #expect(try damages(whole) == [])
        #expect(try damages(Array(whole[..<second] + whole[third...])) == [.missingBlocks(1)])
        #expect(try damages(Array(whole[..<third] + whole[second...])) == [.stale])
        #expect(try damages(whole + [1, 2, 3]) == [.afterTheEnd])
    }

    @Test func `what is repaired is clean, and has every event that could be read`() throws {
        let events = conversation(lines: 150)
        var file = try recording(of: events)
        file.bytes[2 * 4096 + 100] ^= 1
        for length in [file.bytes.count, 3 * 4096 + 17, 4 * 4096] {
            var reader = try RecordingReader(MemoryFile(Array(file.bytes[..<length])))
            let readable = try reader.all().events
            let repaired = try RecordingCheck.repair(&reader, to: MemoryFile(), capacity: 8192)
            var second = try RecordingReader(repaired.sink)
            #expect(try RecordingCheck(&second).damages == [])
            #expect(second.header.note("repaired") == "yes")
            let isCut = length < file.bytes.count
            let read = try second.all().events
            #expect(Array(read.prefix(readable.count)) == readable)
            #expect(read.count == readable.count + (isCut ? 1 : 0))
            #expect(read.last?.isGap == isCut)
        }
    }
}

/// Every place that says something, and some of the zeros behind each block.
private func tellingPlaces(of file: MemoryFile) -> [Int] {
    file.bytes.indices.filter { place in
        let start = place / 4096 * 4096
        let used = Int(file.bytes.span.integer(at: start + 24, as: UInt32.self))
        return place - start <= used || place % 64 == 0 || place % 4096 == 4095
    }
}

private func sign(_ direction: Direction?) -> String {
    direction.map { $0 == .upstream ? ">" : "<" } ?? "-"
}

/// Makes the checksums of the block at `offset` right again.
func reseal(_ bytes: inout [UInt8], at offset: Int) {
    let used = offset + Int(bytes.span.integer(at: offset + 24, as: UInt32.self))
    let content = Checksum.crc32c(bytes.span.extracting((offset + BlockHeader.length)..<used))
    var place = offset + 36
    var span = bytes.mutableSpan
    span.store(content, at: &place)
    let header = Checksum.crc32c(bytes.span.extracting(offset..<(offset + 68)))
    place = offset + 68
    span = bytes.mutableSpan
    span.store(header, at: &place)
}

extension [Recorded] {
    /// Whether all of these are in `whole`, in this order.
    func isSubsequence(of whole: [Recorded]) -> Bool {
        var rest = whole[...]
        return allSatisfy { one in
            guard let place = rest.firstIndex(of: one) else { return false }
            rest = rest[(place + 1)...]
            return true
        }
    }
}
