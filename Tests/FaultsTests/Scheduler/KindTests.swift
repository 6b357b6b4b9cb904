import Recordings
import Testing

@testable import Faults

/// What each kind draws, and that a plan, a schedule's line and the effect say the same.
@Suite struct KindTests {
    /// Ten bytes, then four, then four.
    private let traffic = #"""
        0 open
        1 > abcdefghi\n
        2 < 1\n
        3 > jkl\nmno\n
        4 < 2\n3\n
        """#

    private func effects(_ rules: String...) throws -> [StrikeEffect] {
        let made = try schedule(try plan(rules), Traffic(traffic))
        let bytes = ScheduleWriter.bytes(made)
        let back = try ScheduleFile.read(bytes, file: "s").schedule
        #expect(back.strikes == made.strikes && ScheduleWriter.bytes(back) == bytes)
        let again = try PlanFile.read(Array(PlanFile.write(try plan(rules)).utf8), file: "p")
        #expect(try again == plan(rules))
        return made.strikes.map(\.effect)
    }

    @Test func `truncate sends its share of the message and ends`() throws {
        #expect(
            try effects("truncate").first == .end(Ending(.truncate, sentBytes: 5, how: .reset)))
        #expect(
            try effects("truncate at=1/3 how=fin messages=1")
                == [.end(Ending(.truncate, sentBytes: 3, how: .finish))])
        #expect(
            try effects("truncate at=100% messages=2")
                == [.end(Ending(.truncate, sentBytes: 4, how: .reset))])
    }

    @Test func `reset, timeout and stall come before a message, or behind so many bytes`() throws {
        #expect(try effects("reset messages=2") == [.end(Ending(.reset))])
        #expect(try effects("reset at=12B") == [.end(Ending(.reset, sentBytes: 2))])
        #expect(
            try effects("timeout timeout=3s at=14B")
                == [
                    .end(
                        Ending(
                            .timeout, sentBytes: 4, how: .finish,
                            silenceNanoseconds: 3_000_000_000))
                ])
        #expect(
            try effects("stall for=2s messages=1")
                == [.stall(sentBytes: 0, nanoseconds: 2_000_000_000)])
        #expect(try effects("stall at=10B") == [.stall(sentBytes: 10, nanoseconds: nil)])
    }

    @Test func `a place in bytes strikes one message of a connection, whatever it is`() throws {
        func places(_ rule: String) throws -> [UInt64] {
            try schedule(try plan([rule]), Traffic(traffic)).strikes.map(\.message)
        }
        #expect(try places("limit_data at=0B") == [1])
        #expect(try places("limit_data at=10B") == [1])
        #expect(try places("limit_data at=11B") == [2])
        #expect(try places("limit_data at=18B") == [3])
        #expect(try places("limit_data at=19B") == [])
        let session = Traffic(
            #"""
            0 open
            1 > AUTH x\r\nPING\r\n
            2 < +OK\r\n+PONG\r\n
            """#)
        func struck(_ rule: String) throws -> [UInt64] {
            try schedule(try plan([rule]), session, framing: "redis").strikes.map(\.message)
        }
        #expect(try struck("reset") == [2])
        #expect(try struck("reset at=3B") == [1])
        #expect(try struck("refuse") == [1])
    }

    @Test func `refuse strikes once a connection`() throws {
        #expect(try effects("refuse") == [.end(Ending(.refuse))])
    }

    @Test func `corrupt flips different bits of the message, or of one byte`() throws {
        for effect in try effects("corrupt bits=20") {
            guard case .corrupt(let bits) = effect else { continue }
            #expect(bits.count == 20 && Set(bits).count == 20 && bits == bits.sorted())
        }
        guard case .corrupt(let bits)? = try effects("corrupt bits=64 at=11B").first else {
            Issue.record("nothing is struck")
            return
        }
        #expect(bits == Array(8...15))
        #expect(
            try schedule(try plan(["corrupt"]), Traffic(traffic)).strikes[0].label == .violation)
    }

    @Test func `corrupt flips each bit as often`() {
        var counts: [UInt64: Int] = [:]
        for message in UInt64(1)...20_000 {
            var corrupt = Corrupt()
            corrupt.bits = 4
            let place = StrikePlace(message: message, length: 2, dice: Dice(seed: 7).at(message))
            guard case .effect(.corrupt(let bits)) = corrupt.draw(at: place) else { continue }
            for bit in bits { counts[bit, default: 0] += 1 }
        }
        #expect(counts.keys.sorted() == Array(0...15))
        // √(20,000 × 1/4 × 3/4) = 61.2; five of them.
        #expect(counts.values.allSatisfy { abs($0 - 5_000) <= 306 })
    }

    @Test func `of those that exclude each other the first kind in the list stands`() throws {
        let names = ["disconnect", "stall", "truncate", "reset", "drop", "duplicate"]
        let lines = try strikes(names.map { "\($0) messages=2" }, traffic)
        #expect(lines.filter { !$0.contains("<") } == ["drop@1u2"])
        let rest = try strikes(
            ["duplicate", "disconnect", "truncate"].map { "\($0) messages=2" }, traffic)
        #expect(rest.filter { !$0.contains("<") } == ["truncate@1u2"])
    }

    @Test func `a pattern is looked for in the message as a whole, however it was cut`() throws {
        let lines = Traffic(
            #"""
            0 open
            1 > SET a 1\nSET bc 22\nGET a\nset d 3\n
            2 < 1\n2\n3\n4\n
            """#)
        for size in [1, 2, 7, 100] {
            let made = try schedule(
                try plan([#"drop "match=/^SET \w+ \d{2}/""#]), lines.recut(size))
            #expect(made.strikes.map(\.message) == [2])
            let both = try schedule(
                try plan([#"drop match=/(?i)^set/ contains=a"#]), lines.recut(size))
            #expect(both.strikes.map(\.message) == [1])
        }
        let quoted = try FaultText.rule(#"drop match='/a "\"b/'"#)
        #expect(try FaultText.rule(FaultText.text(quoted)) == quoted)
    }

    @Test func `a message is looked through up to the limit`() throws {
        let long = String(repeating: "a", count: MessageText.mostBytes)
        var traffic = Traffic()
        traffic.add(0, 1, "open")
        traffic.add(1, 1, ">", long + #"b\nab\n"#)
        for size in [1_000, 1 << 20] {
            let made = try schedule(try plan(["drop match=/b/"]), traffic.recut(size))
            #expect(made.strikes.map(\.message) == [2])
        }
    }
}
