import Recordings
import Reports
import Testing

/// What `weir show` and `weir check` say of a recording.
struct RecordingTextTests {
    /// Two connections: one that was answered and reset, one that was refused.
    private func recording(gap: Bool = false, ends: Bool = true) throws -> MemoryFile {
        var header = RecordingHeader(
            wallClockStart: 1_795_546_685_000_000_000, toolVersion: "0.1.0")
        header.routes = [.init(name: "default", listen: "127.0.0.1:7000", upstream: "[::1]:6379")]
        var writer = try RecordingWriter(header, session: 1, to: MemoryFile(), capacity: 4_096)
        func add(
            _ milliseconds: Int64, _ connection: UInt32, _ direction: Direction?,
            _ fact: Event.Fact, _ text: String = ""
        ) throws {
            let instant = Instant(nanoseconds: milliseconds * 1_000_000)
            let event = Event(
                at: instant, connection: connection, attempt: 1, direction: direction, fact)
            try writer.append(event, Array(text.utf8).span)
        }
        try add(1, 1, nil, .dialled(route: 0, address: "[::1]:6379"))
        try add(2, 1, nil, .opened(route: 0, client: "127.0.0.1:40000", server: "[::1]:6379"))
        try add(3, 1, .upstream, .chunk, "*2\r\n$4\r\nAUTH\r\n$3\r\nkey\r\n*1\r\n$4\r\nPI")
        try add(4, 1, .upstream, .chunk, "NG\r\n")
        try add(5, 1, .downstream, .chunk, "+OK\r\n+PONG\r\n")
        if gap { try add(6, 1, .downstream, .gap(bytes: 1_000, reason: "not recorded")) }
        try add(7, 1, nil, .reset(by: .client))
        try add(8, 2, nil, .dialled(route: 0, address: "[::1]:6379"))
        try add(9, 2, nil, .refused(reason: .refused, errno: 111, tookNanoseconds: 1_000_000))
        if ends { try writer.finish() } else { try writer.flush() }
        return writer.sink
    }

    private func overview(
        _ file: MemoryFile, _ state: RecordingState = .ended
    ) throws -> RecordingOverview {
        var reader = try RecordingReader(file)
        let (choice, why) = try reader.framing()
        return RecordingOverview(
            path: "orders.weir", header: reader.header, summary: try reader.summary(choice),
            framing: why, state: state)
    }

    private func listing(_ file: MemoryFile, isJSON: Bool) throws -> String {
        var reader = try RecordingReader(file)
        var listing = MessageListing(framing: try reader.framing().choice, isJSON: isJSON)
        var text = listing.heading
        try reader.forEachEvent { event, bytes, _ in text += listing.receive(event, bytes) }
        return text
    }

    @Test func `a summary for people says what is in it, and what is wrong with it`() throws {
        try Golden.expect(
            OverviewText(try overview(try recording())).text, equals: "show-whole.txt")
        let holed = try overview(try recording(gap: true))
        #expect(holed.hasHoles && holed.missingBytes == 1_000)
        try Golden.expect(OverviewText(holed).text, equals: "show-holes.txt")
    }

    @Test func `a summary for machines is as its golden file has it`() throws {
        try Golden.expect(
            OverviewJSON(try overview(try recording(gap: true))).text, equals: "show.json")
    }

    @Test func `messages are listed whole however they were cut, and credentials are not`() throws {
        try Golden.expect(
            try listing(try recording(gap: true), isJSON: false), equals: "messages.txt")
        let objects = try listing(try recording(), isJSON: true)
        try Golden.expect(objects, equals: "messages.jsonl")
        #expect(!objects.contains("key"))
    }

    @Test func `that a recording goes on is no damage, and that it was cut is`() throws {
        let file = try recording(ends: false)
        let goesOn = try overview(file, .beingWritten)
        #expect(!goesOn.hasHoles && goesOn.damages.isEmpty)
        #expect(OverviewText(goesOn).text.contains("still being written"))
        let cut = try overview(file, .cut)
        #expect(cut.hasHoles && cut.damages.map(\.kind) == [.notEnded])
    }

    @Test func `a check says whether it is whole, names each damage and counts the gaps`() throws {
        func report(_ file: MemoryFile, _ state: RecordingState) throws -> CheckReport {
            var reader = try RecordingReader(file)
            return CheckReport(
                path: "orders.weir", state: state, check: try RecordingCheck(&reader),
                repaired: nil)
        }
        let whole = try report(try recording(), .ended)
        #expect(!whole.hasHoles)
        #expect(whole.text == "orders.weir: whole; 8 events in 1 block\n")
        let holed = try report(try recording(gap: true), .ended)
        #expect(holed.hasHoles)
        try Golden.expect(holed.text + holed.json, equals: "check-holes.txt")
        let goesOn = try report(try recording(ends: false), .beingWritten)
        #expect(!goesOn.hasHoles)
        #expect(goesOn.text.hasPrefix("orders.weir: still being written, and whole up to now; "))
        var damaged = try recording()
        // Inside the one block of events.
        damaged.bytes[4_096 + 100] ^= 1
        let found = try report(damaged, .ended)
        #expect(found.hasHoles)
        try Golden.expect(found.text + found.json, equals: "check-damaged.txt")
    }
}
