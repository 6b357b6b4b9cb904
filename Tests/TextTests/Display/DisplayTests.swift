import Testing
import Text

@Suite struct DisplayTests {
    @Test func `bytes are shown as one line of printable ASCII`() {
        let bytes = Array("GET \"k\\\"\r\n\t".utf8) + [0x00, 0x1b, 0x7f, 0xff]
        #expect(EscapedText(bytes.span).description == #"GET \"k\\\"\r\n\t\x00\x1b\x7f\xff"#)
        #expect(EscapedText("é").description == #"\xc3\xa9"#)
        #expect(EscapedText(bytes.span, limit: 3).description == "GET…")
        #expect(EscapedText("abc", limit: 3).description == "abc")
    }

    @Test func `different bytes are different text`() {
        var seen: Set<EscapedText> = []
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max { seen.insert(EscapedText([first, second].span)) }
        }
        #expect(seen.count == 65_536)
    }

    @Test func `a hex dump shows places, numbers and characters`() {
        let bytes = Array("*1\r\n$4\r\nPING\r\n*3\r\n$3\u{7f}".utf8)
        #expect(
            HexDump(bytes.span, offset: 0x1000).lines == [
                "00001000  2a 31 0d 0a 24 34 0d 0a  50 49 4e 47 0d 0a 2a 33  |*1..$4..PING..*3|",
                "00001010  0d 0a 24 33 7f                                    |..$3.|",
            ])
        #expect(HexDump(bytes.span, limit: 2).lines.last == "… and 19 bytes more")
        let nothing: [UInt8] = []
        #expect(HexDump(nothing.span).lines.isEmpty)
    }

    @Test func `columns are aligned`() {
        var table = TextTable([.init("link", .right), .init("client"), .init("bytes", .right)])
        table.append(["3", "127.0.0.1:41234", "4.2 MiB"])
        table.append(["12", "é"])
        #expect(
            table.lines(indent: 2) == [
                "  link  client             bytes",
                "     3  127.0.0.1:41234  4.2 MiB",
                "    12  é",
            ])
        #expect(TextTable([.init("")]).lines().isEmpty)
    }

    @Test(arguments: [
        (0, "0 s"), (85, "85 ns"), (999, "999 ns"), (1_000, "1.00 µs"), (1_234_567, "1.23 ms"),
        (12_345_678, "12.3 ms"), (999_499, "999 µs"), (999_500, "1.00 ms"),
        (59_990_000_000, "60.0 s"), (119_999_999_999, "120 s"), (125_000_000_000, "2 min 5 s"),
        (7_500_000_000_000, "2 h 5 min"), (Int64.max, "2,562,047 h 47 min"),
    ])
    func `a duration is shown in the unit that fits`(nanoseconds: Int64, text: String) {
        #expect(TimeAmount(nanoseconds: nanoseconds).forPeople == text)
    }

    @Test(arguments: [
        (0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (102_348, "99.9 KiB"),
        (102_349, "100 KiB"),
        (102_400, "100 KiB"), (4_404_019, "4.2 MiB"), (1_048_575, "1.0 MiB"),
        (UInt64.max, "16,777,216 TiB"),
    ])
    func `a size is shown in the unit that fits`(bytes: UInt64, text: String) {
        #expect(ByteCount(bytes: bytes).forPeople == text)
    }

    @Test func `counts are grouped, and shares are never rounded to all or nothing`() {
        #expect([0, 999, 1_000, 1_234_567].map(\.grouped) == ["0", "999", "1,000", "1,234,567"])
        #expect(Int.min.grouped == "-9,223,372,036,854,775,808")
        let shares =
            [(0, 7), (1, 9_999), (987, 1_000), (9_999, 10_000), (7, 7)] as [(UInt64, UInt64)]
        let shown = shares.compactMap { Ratio($0, $1)?.percentForPeople }
        #expect(shown == ["0%", "0.1%", "98.7%", "99.9%", "100%"])
    }
}
