import Foundation
import Testing

/// memcached and a client of its text protocol cannot tell that Weir is between them.
@Suite(.enabled(if: MemcachedServer.isInstalled, "needs memcached"))
struct MemcachedTests {
    @Test(arguments: WeirMode.allCases)
    func `values come back as they were set, counters count, and a late writer is refused`(
        mode: WeirMode
    ) throws {
        let server = try MemcachedServer()
        let weir = try WeirBetween(mode, upstream: ":\(server.port)")
        try withClient(weir)
        try weir.finish("memcached")
    }

    private func withClient(_ weir: WeirBetween) throws {
        let talk = try TextTalk(port: weir.port)
        let large = Pattern.bytes(from: 7, count: 1_000_000)
        for number in 0..<10 {
            talk.say(Data("set large\(number) 5 0 1000000\r\n".utf8) + large + Data("\r\n".utf8))
            #expect(try talk.line() == "STORED")
        }
        talk.say("get " + (0..<10).map { "large\($0)" }.joined(separator: " ") + "\r\n")
        for number in 0..<10 {
            #expect(try talk.line() == "VALUE large\(number) 5 1000000")
            #expect(try talk.block(1_000_000) == large)
        }
        #expect(try talk.line() == "END")
        let count = 2_000
        talk.say("set n 0 0 1\r\n0\r\n" + String(repeating: "incr n 3\r\n", count: count))
        #expect(try talk.line() == "STORED")
        for number in 1...count { #expect(try talk.line() == "\(3 * number)") }
        talk.say("gets n\r\n")
        let unique = try talk.line().split(separator: " ").last ?? ""
        #expect(try talk.block(4) == Data("6000".utf8))
        #expect(try talk.line() == "END")
        talk.say("incr n 1\r\ncas n 0 0 1 \(unique)\r\n0\r\nget n\r\nquit\r\n")
        #expect(try talk.line() == "6001")
        #expect(try talk.line() == "EXISTS")
        #expect(try talk.line() == "VALUE n 0 4")
        #expect(try talk.block(4) == Data("6001".utf8))
        #expect(try talk.line() == "END")
    }
}
