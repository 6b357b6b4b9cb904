import Recordings
import Testing

@testable import Faults

@Suite struct DisconnectTests {
    private func cuts(_ rule: String, _ traffic: String = threeThenTwo) throws -> [Cut] {
        try schedule(try plan([rule]), Traffic(traffic)).strikes.compactMap {
            if case .disconnect(let cut) = $0.effect { cut } else { nil }
        }
    }

    @Test func `the defaults are those of the design`() throws {
        let traffic = #"""
            0 open
            1 > abcdefghij\n
            """#
        let cut = try #require(try cuts("disconnect", traffic).first)
        #expect(1...10 ~= cut.sentBytes)
        #expect(cut.how == .reset && cut.then == .reconnect)
        #expect(cut.waitNanoseconds == 100_000_000)
        #expect(cut.resend == [1...1])
    }

    @Test func `inside draws every byte but the ends, as often`() {
        var counts: [UInt64: Int] = [:]
        for message in UInt64(1)...90_000 {
            let place = StrikePlace(
                message: message, length: 10, dice: Dice(seed: 7).at(message))
            guard case .effect(.disconnect(let cut)) = Disconnect().draw(at: place) else {
                continue
            }
            counts[cut.sentBytes, default: 0] += 1
        }
        #expect(counts.keys.sorted() == Array(1...9))
        // √(90,000 × 1/9 × 8/9) = 94.3; five of them.
        #expect(counts.values.allSatisfy { abs($0 - 10_000) <= 471 })
    }

    @Test func `where it is cut has nothing to do with whether it is`() throws {
        var traffic = Traffic()
        traffic.add(0, 1, "open")
        let line = String(repeating: "a", count: 100) + #"\n"#
        for index in 1...400 {
            traffic.add(Int64(index), 1, ">", String(repeating: line, count: 50))
        }
        let strikes = try schedule(try plan(["disconnect chance=5%"]), traffic).strikes
        let lower = strikes.filter {
            if case .disconnect(let cut) = $0.effect { cut.sentBytes <= 50 } else { false }
        }.count
        // Bytes 1 to 50 of 100: half of them, with a deviation of √(n × ½ × ½); five of those.
        #expect(strikes.count > 900)
        let distance = 2 * lower - strikes.count
        #expect(distance * distance <= 25 * strikes.count)
    }

    @Test func `a message of one byte is cut before`() throws {
        let traffic = #"""
            0 open
            1 > \n
            """#
        #expect(try cuts("disconnect", traffic).map(\.sentBytes) == [0])
    }

    @Test func `before sends none of it, after all of it`() throws {
        #expect(try cuts("disconnect where=before").allSatisfy { $0.sentBytes == 0 })
        #expect(try cuts("disconnect where=after").allSatisfy { $0.sentBytes == 2 })
    }

    @Test func `what was unanswered when it was sent is sent again`() throws {
        #expect(
            try cuts("disconnect").map(\.resend) == [[1...1], [1...2], [1...3], [4...4], [5...5]])
        // What was not begun belongs to the rest.
        #expect(
            try cuts("disconnect where=before").map(\.resend) == [[], [1...1], [1...2], [], []])
        #expect(try cuts("disconnect resend=none").allSatisfy { $0.resend.isEmpty })
        #expect(
            try cuts("disconnect resend=last:2 where=after").map(\.resend)
                == [[1...1], [1...2], [2...3], [3...4], [4...5]])
        #expect(try cuts("disconnect then=stop").allSatisfy { $0.resend.isEmpty })
    }

    @Test func `the streamed list is that of a transcript`() throws {
        let traffic = Traffic(
            #"""
            0 open
            1 > MULTI\r\nSET a 1\r\nGET b\r\n
            2 < +OK\r\n
            3 > EXEC\r\nGET c\r\nGET d\r\n
            4 < +QUEUED\r\n+QUEUED\r\n*0\r\n
            5 > GET e\r\n
            6 < $-1\r\n
            """#)
        let transcript = try traffic.transcript("redis")
        let rule = try plan(["disconnect where=after"])
        for strike in try schedule(rule, traffic, framing: "redis").strikes {
            guard case .disconnect(let cut) = strike.effect else { continue }
            let wanted = transcript.connections[0].resend(cutAt: strike.message)
            #expect(cut.resend.flatMap { Array($0) } == wanted)
        }
    }

    @Test func `sending again makes it a delivery fault`() throws {
        let schedule = try schedule(
            try plan(["disconnect", "disconnect name=quiet resend=none"]), Traffic(threeThenTwo))
        #expect(
            schedule.strikes.prefix(2).map(\.label) == [FaultLabel.delivery, FaultLabel.transport])
    }
}
