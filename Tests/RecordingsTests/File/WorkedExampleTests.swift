import Foundation
import Testing

@testable import Recordings

/// The example in Recordings/README.md, read from the document itself.
@Suite struct WorkedExampleTests {
    static let header = RecordingHeader(
        wallClockStart: 1_795_000_000_000_000_000, monotonicStart: 5_000_000_000,
        toolVersion: "0.1.0", protocolText: "redis",
        routes: [.init(name: "main", listen: "127.0.0.1:7000", upstream: "127.0.0.1:6379")])

    static func event(
        _ instant: Int64, _ direction: Direction?, _ fact: Event.Fact, _ text: String = ""
    ) -> Recorded {
        Recorded(
            event: Event(
                at: Instant(nanoseconds: instant), connection: 1, attempt: 1,
                direction: direction, fact), bytes: Array(text.utf8))
    }

    static let events = [
        event(
            1_000, nil, .opened(route: 0, client: "127.0.0.1:50000", server: "127.0.0.1:6379")),
        event(2_000, .upstream, .chunk, "PING\r\n"),
        event(3_000, .downstream, .chunk, "+PONG\r\n"),
        event(4_000, nil, .reset(by: .client)),
    ]

    @Test func `the example in the document is the file that is written, byte by byte`() throws {
        let written = try recording(of: Self.events, session: 0x1122_3344_5566_7788, Self.header)
        let shown = try Self.documented()
        let first = zip(shown, written.bytes).enumerated().first { $1.0 != $1.1 }?.offset
        #expect(first == nil, "byte \(first ?? 0) differs")
        #expect(shown.count == written.bytes.count)
    }

    @Test func `the example in the document is read as the document says`() throws {
        var reader = try RecordingReader(MemoryFile(try Self.documented()))
        #expect(reader.header == Self.header)
        #expect(try reader.all().events == Self.events)
        #expect(try RecordingCheck(&reader).isClean)
    }

    /// Lines of the document like `0048  02 00 08  …`: a place in hexadecimal, bytes, words. All
    /// places that are not shown are zero, up to the next multiple of 4,096.
    private static func documented() throws -> [UInt8] {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Recordings/README.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        var bytes: [UInt8] = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            guard let place = words.first, place.utf8.count == 4, line.hasPrefix(place),
                let offset = Int(place, radix: 16), line.dropFirst(4).hasPrefix("  ")
            else { continue }
            while bytes.count < offset { bytes.append(0) }
            for word in words.dropFirst() {
                guard word.utf8.count == 2, let byte = UInt8(word, radix: 16) else { break }
                bytes.append(byte)
            }
        }
        while bytes.count % RecordingFormat.alignment != 0 { bytes.append(0) }
        return bytes
    }
}
