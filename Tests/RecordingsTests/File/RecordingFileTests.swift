import Testing

@testable import Recordings

@Suite struct RecordingFileTests {
    @Test func `what is written is read back, with its header and index`() throws {
        let header = RecordingHeader(
            wallClockStart: 5, monotonicStart: 6, toolVersion: "1.2", protocolText: "line",
            routes: [.init(name: "main", listen: "127.0.0.1:1", upstream: "127.0.0.1:2")],
            notes: [.init(key: "command", value: "weir record")])
        var writer = try RecordingWriter(header, session: 9, to: MemoryFile(), capacity: 4096)
        let script = EventScript("1 open\n2 c1 > a\\n\n3 c1 < b\\n\n4 c2 > c\\n\n5 fin >")
        for (event, bytes) in script.events { try writer.append(event, bytes.span) }
        try writer.finish()
        var reader = try RecordingReader(writer.sink)
        #expect(reader.header == header)
        #expect(reader.isEnded)
        var events: [Event] = []
        var payload: [UInt8] = []
        let notes = try reader.forEachEvent { event, bytes, offset in
            events.append(event)
            for index in bytes.indices { payload.append(bytes[index]) }
        }
        #expect(events == script.events.map(\.event))
        #expect(payload == Array("a\nb\nc\n".utf8))
        #expect(notes.isClean)
        let check = try RecordingCheck(&reader)
        #expect(check.damages.map(\.description) == [])
        let (transcript, _) = try reader.transcript(.init(parsing: "line"))
        #expect(transcript.connections.count == 2)
    }
}
