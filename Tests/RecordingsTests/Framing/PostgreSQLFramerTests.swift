import Testing

@testable import Recordings

struct PostgreSQLFramerTests {
    private typealias Traffic = PostgreSQLTraffic

    private func pairs(_ segments: [Segment]) -> [String] {
        pairing(PostgreSQLFramer(), segments)
    }

    /// What follows a start-up of eight messages, numbered from 1 as if it had not been.
    private func session(_ segments: [Segment]) -> [String] {
        let lines = pairs(Traffic.trusted + segments)
        #expect(lines.prefix(6).last == "d5 ReadyForQuery to 1")
        return Array(lines.dropFirst(6))
    }

    @Test func `a start-up is a handshake, and each request for a password its own exchange`() {
        let lines = pairs([
            Traffic.up(Traffic.sslRequest), Traffic.down([UInt8(ascii: "N")]),
            Traffic.up(Traffic.startUp), Traffic.down(Traffic.typed("R", Traffic.number(10))),
            Traffic.up(Traffic.run("p")), Traffic.down(Traffic.typed("R", Traffic.number(11))),
            Traffic.up(Traffic.run("p")),
            Traffic.down(Traffic.typed("R", Traffic.number(12)), Traffic.ok),
            Traffic.down(Traffic.run("SNK"), Traffic.ready),
        ])
        #expect(
            lines == [
                "u1 SSLRequest owes 1 [SSLRequest]", "d1 EncryptionRefused to 1",
                "u2 StartupMessage owes 1 [StartupMessage]", "d2 Authentication to 2",
                "u3 PasswordMessage owes 1 [PasswordMessage 1] credentials",
                "d3 Authentication to 3",
                "u4 PasswordMessage owes 1 [PasswordMessage 2] credentials",
                "d4 Authentication to 4 part", "d5 Authentication to 4 part",
                "d6 ParameterStatus to 4 part", "d7 NoticeResponse unasked",
                "d8 BackendKeyData to 4 part", "d9 ReadyForQuery to 4",
            ])
    }

    @Test func `GSSAPI may go on after an answer that does not say so`() {
        let lines = pairs([
            Traffic.up(Traffic.startUp), Traffic.down(Traffic.typed("R", Traffic.number(7))),
            Traffic.up(Traffic.run("p")), Traffic.down(Traffic.typed("R", Traffic.number(8))),
            Traffic.up(Traffic.run("p")),
            Traffic.down(Traffic.typed("R", Traffic.number(8)), Traffic.ok, Traffic.ready),
        ])
        #expect(
            lines.filter { $0.hasPrefix("d") } == [
                "d1 Authentication to 1", "d2 Authentication to 2 part",
                "d3 Authentication to 3 part", "d4 Authentication to 3 part",
                "d5 ReadyForQuery to 3",
            ])
    }

    @Test func `a refused start-up is an error, and its last word`() {
        #expect(
            pairs([Traffic.up(Traffic.startUp), Traffic.down(Traffic.run("E"))]).last
                == "d1 ErrorResponse to 1 error")
        // A server from before encryption.
        #expect(
            pairs([Traffic.up(Traffic.sslRequest), Traffic.down(Traffic.run("E"))]).last
                == "d1 ErrorResponse to 1 error")
    }

    @Test func `what goes on encrypted is not read`() {
        let asked = Traffic.up(Traffic.sslRequest)
        let hello = Traffic.up([0x16, 3, 1])
        #expect(
            pairs([asked, Traffic.down([UInt8(ascii: "S")]), hello, Traffic.down([0x16])])
                .suffix(3) == [
                    "d1 EncryptionGranted to 1", "u lost at 8: it goes on in TLS",
                    "d lost at 1: it goes on in TLS",
                ])
        #expect(pairs([asked, hello]).last == "u lost at 8: it goes on in TLS")
        #expect(
            pairs([
                Traffic.up(Traffic.opening(80_877_104)),
                Traffic.down([UInt8(ascii: "G")]), Traffic.up([0]),
            ]).last == "u lost at 8: it goes on encrypted by GSSAPI")
        #expect(
            pairs([asked, Traffic.down([UInt8(ascii: "?")])]).last
                == "d lost at 0: byte 63 answers the request for encryption")
    }

    @Test func `a cancel request is alone on its connection and not answered`() {
        let cancel = Traffic.opening(80_877_102, [0, 0, 0, 1, 0, 0, 0, 2])
        #expect(
            pairs([Traffic.up(cancel), Traffic.up([0])])
                == ["u1 CancelRequest owes 0", "u lost at 16: bytes follow a cancel request"])
    }

    @Test func `a simple query lasts until the server is ready`() {
        let lines = session([
            Traffic.up(Traffic.run("QQX")), Traffic.down(Traffic.run("TDNDSCTCEZIZA")),
        ])
        #expect(
            lines == [
                "u2 Query owes 1", "u3 Query owes 1", "u4 Terminate owes 0",
                "d6 RowDescription to 2 part", "d7 DataRow to 2 part", "d8 NoticeResponse unasked",
                "d9 DataRow to 2 part", "d10 ParameterStatus unasked",
                "d11 CommandComplete to 2 part", "d12 RowDescription to 2 part",
                "d13 CommandComplete to 2 part", "d14 ErrorResponse to 2 part error",
                "d15 ReadyForQuery to 2", "d16 EmptyQueryResponse to 3 part",
                "d17 ReadyForQuery to 3", "d18 NotificationResponse unasked",
            ])
    }

    @Test func `each step of the extended protocol has its answer, and the group ends at its Sync`()
    {
        let lines = session([
            Traffic.up(Traffic.run("PDBDECSPS")), Traffic.down(Traffic.run("1tT2nDDs3Z1Z")),
        ])
        #expect(
            lines == [
                "u2 Parse owes 1 in 2", "u3 Describe owes 1 in 2", "u4 Bind owes 1 in 2",
                "u5 Describe owes 1 in 2", "u6 Execute owes 1 in 2", "u7 Close owes 1 in 2",
                "u8 Sync owes 1 in 2 ends", "u9 Parse owes 1 in 9", "u10 Sync owes 1 in 9 ends",
                "d6 ParseComplete to 2", "d7 ParameterDescription to 3 part",
                "d8 RowDescription to 3", "d9 BindComplete to 4", "d10 NoData to 5",
                "d11 DataRow to 6 part", "d12 DataRow to 6 part", "d13 PortalSuspended to 6",
                "d14 CloseComplete to 7", "d15 ReadyForQuery to 8", "d16 ParseComplete to 9",
                "d17 ReadyForQuery to 10",
            ])
    }

    @Test func `after an error the steps up to the Sync are not answered`() {
        let lines = session([
            Traffic.up(Traffic.run("PBEHQ")), Traffic.down(Traffic.run("1E")),
            Traffic.up(Traffic.run("PSPS")), Traffic.down(Traffic.run("Z1Z")),
        ])
        #expect(
            lines.filter { $0.hasPrefix("d") } == [
                "d6 ParseComplete to 2", "d7 ErrorResponse to 3 error", "d8 ReadyForQuery to 8",
                "d9 ParseComplete to 9", "d10 ReadyForQuery to 10",
            ])
        #expect(lines.contains("u5 Flush owes 0 in 2"))
    }

    @Test func `a Sync that fails has an error and its last word`() {
        #expect(
            session([Traffic.up(Traffic.run("S")), Traffic.down(Traffic.run("EZ"))]) == [
                "u2 Sync owes 1", "d6 ErrorResponse to 2 part error", "d7 ReadyForQuery to 2",
            ])
    }

    @Test func `data are copied in as one group with their query`() {
        let lines = session([
            Traffic.up(Traffic.typed("Q", text: "COPY t FROM STDIN")),
            Traffic.down(Traffic.run("G")), Traffic.up(Traffic.run("dc")),
            Traffic.down(Traffic.run("CZ")), Traffic.up(Traffic.run("Qdf")),
        ])
        #expect(
            lines == [
                "u2 Query owes 1 in 2", "d6 CopyInResponse to 2 part", "u3 CopyData owes 0 in 2",
                "u4 CopyDone owes 0 in 2 ends", "d7 CommandComplete to 2 part",
                "d8 ReadyForQuery to 2", "u5 Query owes 1", "u6 CopyData owes 0 in 6",
                "u7 CopyFail owes 0 in 6 ends",
            ])
    }

    @Test func `a Sync before copied data is passed over, as the server does`() {
        let lines = session([
            Traffic.up(Traffic.run("PBES")), Traffic.down(Traffic.run("12G")),
            Traffic.up(Traffic.run("Sddc")), Traffic.up(Traffic.run("SQ")),
            Traffic.down(Traffic.run("CZCZ")),
        ])
        #expect(
            lines.filter { !$0.contains("Copy") } == [
                "u2 Parse owes 1 in 2", "u3 Bind owes 1 in 2", "u4 Execute owes 1 in 2",
                "u5 Sync owes 1 in 2 ends", "d6 ParseComplete to 2", "d7 BindComplete to 3",
                "u6 Sync owes 0", "u10 Sync owes 1", "u11 Query owes 1",
                "d9 CommandComplete to 4", "d10 ReadyForQuery to 10",
                "d11 CommandComplete to 11 part", "d12 ReadyForQuery to 11",
            ])
    }

    @Test func `data are copied out and both ways as answers`() {
        let lines = session([
            Traffic.up(Traffic.run("Q")), Traffic.down(Traffic.run("W")),
            Traffic.up(Traffic.run("dc")), Traffic.down(Traffic.run("ddcCZ")),
        ])
        #expect(lines.filter { $0.contains(" to 2") }.count == 6)
        #expect(lines.last == "d11 ReadyForQuery to 2")
    }

    @Test(
        arguments: [
            ("SET search_path TO a, b;", "SET SEARCH_PATH"),
            ("set session TimeZone='x'", "SET TIMEZONE"),
            ("SET TIME ZONE 'UTC'", "SET TIMEZONE"), ("reset all", "SET ALL"),
            ("LISTEN orders", "LISTEN ORDERS"), ("UNLISTEN orders", "LISTEN ORDERS"),
            ("UNLISTEN *", "LISTEN"), ("DISCARD ALL", "DISCARD ALL"), ("SET LOCAL a = 1", nil),
            ("SET TRANSACTION READ ONLY", nil), ("SET a = 1; SELECT 2", nil),
            ("SELECT 'SET a'", nil),
            ("", nil), ("SET", nil),
            ("SET a = '" + String(repeating: "x", count: PostgreSQLReader.keptBytes) + "'", nil),
        ] as [(String, String?)])
    func `what a simple query sets is session state`(text: String, key: String?) {
        let lines = session([Traffic.up(Traffic.typed("Q", text: text))])
        #expect(lines == ["u2 Query owes 1" + (key.map { " [\($0)]" } ?? "")])
    }

    @Test func `what a transaction sets is played with it`() {
        let lines = session([
            Traffic.up(Traffic.typed("Q", text: "BEGIN")),
            Traffic.down(Traffic.run("C"), Traffic.typed("Z", [UInt8(ascii: "T")])),
            Traffic.up(Traffic.typed("Q", text: "SET a = 1")),
        ])
        #expect(lines.last == "u3 Query owes 1")
    }

    @Test func `after missing requests what comes unasked is read, and nothing else`() {
        var conversation = Conversation(framer: PostgreSQLFramer())
        conversation.gap(.upstream)
        let bytes = Traffic.run("NE") + Traffic.ready
        var start = 0
        for _ in 0..<2 {
            guard
                case .message(let used, _) = conversation.advance(
                    bytes.span.extracting(start..<bytes.count), .downstream, at: .start)
            else {
                Issue.record("it was not read")
                return
            }
            start += used
        }
        #expect(
            conversation.advance(
                bytes.span.extracting(start..<bytes.count), .downstream, at: .start)
                == .lostSync(
                    consumed: 0, direction: .downstream, offset: 16, reason: "requests are missing")
        )
    }

    @Test func `lengths and types have limits`() {
        func last(_ segments: [Segment]) -> String { session(segments).last ?? "" }
        let number = Traffic.number
        #expect(last([Traffic.up([UInt8(ascii: "Q")] + number(3))]).contains("3 is too short"))
        #expect(last([Traffic.up([UInt8(ascii: "Q")] + number(0x3fff_ffff))]) == "")
        #expect(
            last([Traffic.up([UInt8(ascii: "Q")] + number(0x4000_0000))])
                .contains("longer than 1073741823 bytes"))
        #expect(
            last([Traffic.up([UInt8(ascii: "Z")])]).contains("of a client begins with byte 90"))
        #expect(
            last([Traffic.down([UInt8(ascii: "Q")])]).contains("of a server begins with byte 81"))
        #expect(pairs([Traffic.up(number(7))]).last?.contains("7 is too short") == true)
        #expect(pairs([Traffic.up(number(10_000))]).isEmpty)
        #expect(pairs([Traffic.up(number(10_001))]).last?.contains("longer than 10000") == true)
        #expect(
            pairs([Traffic.up(Traffic.opening(131_072))]).last
                == "u lost at 0: a start-up message is not of protocol 3")
    }

    @Test func `what depended on a step that was passed over does not wait for it`() throws {
        var builder = try TranscriptBuilder(framing: FramingChoice(parsing: "postgresql"))
        let segments =
            Traffic.trusted + [
                Traffic.up(Traffic.run("PBES")), Traffic.down(Traffic.run("E"), Traffic.ready),
                Traffic.up(Traffic.run("Q")), Traffic.down(Traffic.run("C"), Traffic.ready),
                Traffic.up(Traffic.run("Q")),
            ]
        for (index, segment) in segments.enumerated() {
            builder.receive(
                Event(
                    at: Instant(nanoseconds: Int64(index)), connection: 1,
                    direction: segment.direction, .chunk),
                segment.bytes.span, fileOffset: 0)
        }
        let connection = try #require(builder.finish().connections.first)
        #expect(connection.exchange(6).dependsOn == 5)
        #expect(connection.exchange(7).dependsOn == 6)
        #expect(!connection.exchange(3).isComplete && connection.exchange(5).isComplete)
        #expect(connection.resend(cutAt: 7) == [7])
    }
}
