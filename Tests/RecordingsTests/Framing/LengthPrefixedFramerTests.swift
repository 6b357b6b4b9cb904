import Testing

@testable import Recordings

struct LengthPrefixedFramerTests {
    private func read(_ settings: String, _ segments: [Segment], cut: Cut = .whole) throws
        -> [String]
    {
        let name = "length-prefixed" + (settings.isEmpty ? "" : ":" + settings)
        return messages(try Framers.make(FramerSettings(parsing: name)), segments, cut: cut)
    }

    private func up(_ bytes: [UInt8]) -> Segment { Segment(direction: .upstream, bytes: bytes) }
    private func down(_ bytes: [UInt8]) -> Segment { Segment(direction: .downstream, bytes: bytes) }

    @Test func `by default four bytes, the largest first, count what is behind them`() throws {
        let lines = try read(
            "", [up([0, 0, 0, 2, 1, 2, 0, 0, 0, 0]), down([0, 0, 0, 1, 9]), down([0, 0, 0, 0])])
        #expect(
            lines == [
                "u1 0+6 message owes 1", "u2 6+4 message owes 1", "d1 0+5 message to 1",
                "d2 5+4 message to 2",
            ])
    }

    @Test(
        arguments: [
            ("width=1", [3, 7, 7, 7]), ("width=2", [0, 3, 7, 7, 7]),
            ("width=3", [0, 0, 3, 7, 7, 7]),
            ("width=8", [0, 0, 0, 0, 0, 0, 0, 3, 7, 7, 7]),
            ("width=3,endianness=little", [3, 0, 0, 7, 7, 7]),
            ("width=8,endianness=little", [3, 0, 0, 0, 0, 0, 0, 0, 7, 7, 7]),
            ("offset=2,width=1", [255, 255, 3, 7, 7, 7]),
            ("offset=1,width=2,counts=message", [255, 0, 6, 7, 7, 7]),
            ("width=1,adjustment=-2", [5, 7, 7, 7]), ("width=1,adjustment=2", [1, 7, 7, 7]),
            ("width=2,counts=message,adjustment=1", [0, 4, 7, 7, 7]),
        ] as [(String, [UInt8])])
    func `the length is where the settings say`(settings: String, bytes: [UInt8]) throws {
        for size in 1...(2 * bytes.count) {
            #expect(
                try read(settings, [up(bytes + bytes)], cut: .every(size)) == [
                    "u1 0+\(bytes.count) message owes 1",
                    "u2 \(bytes.count)+\(bytes.count) message owes 1",
                ])
        }
    }

    @Test func `a longer field counts further`() throws {
        let body = [UInt8](repeating: 0, count: 0x010203)
        #expect(
            try read("width=3", [up([1, 2, 3] + body)]) == ["u1 0+66054 message owes 1"])
        #expect(
            try read("width=3,endianness=little", [up([3, 2, 1] + body)])
                == ["u1 0+66054 message owes 1"])
    }

    @Test func `without pairing no message is an answer`() throws {
        #expect(
            try read("width=1,pairing=none", [up([0]), down([0])])
                == ["u1 0+1 message owes 0", "d1 0+1 message unasked"])
        let framer = try Framers.make(FramerSettings(parsing: "length-prefixed:pairing=none"))
        #expect(!framer.pairsAnswers)
    }

    @Test func `a length that cannot be is lost with its reason`() throws {
        #expect(
            try read("counts=message", [up([0, 0, 0, 4, 0, 0, 0, 3])])
                == ["u1 0+4 message owes 1", "u lost at 4: a length of 3 is too short"])
        #expect(
            try read("width=1,adjustment=-1", [up([0])])
                == ["u lost at 0: a length of 0 is too short"])
        #expect(
            try read("width=8", [up([UInt8](repeating: 255, count: 8))])
                == [
                    "u lost at 0: a length of 18446744073709551615 makes a message longer than "
                        + "268435456 bytes"
                ])
    }

    @Test func `a message of 256 MiB is read and a longer one is not`() throws {
        #expect(try read("counts=message", [up([0x10, 0, 0, 0])]) == [])
        #expect(try read("counts=message", [up([0x10, 0, 0, 1])]).first?.contains("lost") == true)
        #expect(try read("", [up([0x0f, 0xff, 0xff, 0xfc])]) == [])
        #expect(try read("", [up([0x0f, 0xff, 0xff, 0xfd])]).first?.contains("lost") == true)
    }
}
