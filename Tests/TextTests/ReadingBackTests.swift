import Testing

@testable import Text

@Suite struct ReadingBackTests {
    @Test func `every byte stands for itself after escaping and back`() {
        for first in UInt8.min...UInt8.max {
            for bytes in [[first], [UInt8(ascii: "\\"), first], [first, UInt8(ascii: "x")]] {
                #expect(EscapedText.bytes(of: EscapedText(bytes.span).description) == bytes)
            }
        }
    }

    @Test(arguments: ["\\", "\\q", "\\x", "\\x4", "\\xG0", "\\xFF", "a\"b", "é", "\n", "abc…"])
    func `what escaping never writes is not read`(text: String) {
        #expect(EscapedText.bytes(of: text) == nil)
    }

    @Test(
        arguments: [
            0, 1, -1, 951_782_399_999_999_999, 951_782_400_000_000_000, 1_795_489_200_123_456_789,
            -9_000_000_000_000_000_000, .max,
        ] as [Int64])
    func `a moment is read as it is written`(nanoseconds: Int64) {
        let moment = Timestamp(nanoseconds: nanoseconds)
        #expect(Timestamp(parsing: moment.description) == moment)
    }

    @Test(arguments: [
        "", "2026-11-24T03:00:00Z", "2026-13-24T03:00:00.000000000Z",
        "2026-02-29T03:00:00.000000000Z", "2026-11-24T24:00:00.000000000Z",
        "2026-11-24T03:00:60.000000000Z", "2026-11-24 03:00:00.000000000Z",
        "9999-12-31T23:59:59.999999999Z", "2026-11-24T03:00:00.00000000éZ",
    ])
    func `what is no moment is not read`(text: String) {
        #expect(Timestamp(parsing: text) == nil)
    }
}
