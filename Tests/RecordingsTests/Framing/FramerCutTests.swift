import Testing

@testable import Recordings

/// The same bytes are the same messages, however they were cut, and damaged bytes do no harm.
struct FramerCutTests {
    /// Real traffic: a session with Redis 7.0, every kind of message in it.
    static let redis: [Segment] = [
        .up("*3\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$0\r\n\r\nPING\r\n*1\r\n$4\r\nPING\r\n"),
        .down("-ERR Syntax error in HELLO option ''\r\n+PONG\r\n+PONG\r\n"),
        .up(
            "*2\r\n$9\r\nSUBSCRIBE\r\n$6\r\norders\r\n*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\n\r\n*\r\n"
        ),
        .up("$2\r\nNX\r\nMULTI\r\nINCR \"a b\"\r\nEXEC\r\nCLIENT REPLY OFF\r\n"),
        .down("*3\r\n$9\r\nsubscribe\r\n$6\r\norders\r\n:1\r\n"),
        .down("*3\r\n$7\r\nmessage\r\n$6\r\norders\r\n$2\r\nhi\r\n-ERR Can't execute 'set'\r\n"),
        .down("+OK\r\n+QUEUED\r\n*1\r\n:1\r\n*2\r\n$-1\r\n*2\r\n*-1\r\n*0\r\n"),
        .up("HELLO 3\r\n"),
        .down("%2\r\n$5\r\nproto\r\n:3\r\n$7\r\nmodules\r\n*0\r\n>2\r\n+invalidate\r\n_\r\n"),
        .down("|1\r\n+ttl\r\n:9\r\n$?\r\n;2\r\nab\r\n;0\r\n*?\r\n~1\r\n#t\r\n,1.5\r\n.\r\n"),
    ]

    static let lines: [Segment] = [
        .up("HELLO\r\nadd 1\n\n"), .down("hi\n"), .up("x\r\n"), .down("\r\nok\n\nextra\n"),
    ]

    /// With a length of two bytes, the smaller one first, behind one byte.
    static let prefixed: [Segment] = [
        .up("A\u{3}\0abcA\0\0A\u{1}\0x"), .down("B\u{2}\0okB\0\0"), .up("A\u{5}\0"), .up("hello"),
        .down("B\u{7}\0A\u{1}\0A\u{1}\0xB\0\0B\u{1}\0\u{7f}"), .up("A\0\0A\0\0"),
    ]

    /// A keep-alive connection with every kind of body, a refused tunnel, and a switch at its end.
    static let http: [Segment] = [
        .up(
            "GET /a?b HTTP/1.1\r\nHost: a\r\nCookie: c=d\r\n\r\n"),
        .up(
            "HEAD /a HTTP/1.1\r\nX:\r\n y\r\n\r\n"
        ),
        .down("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        .down("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
        .up("POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"),
        .down("HTTP/1.1 100 Continue\r\n\r\n"),
        .up("3;a=b\r\nabc\r\n0\r\nT: r\r\n\r\n\r\nPUT /d HTTP/1.0\nContent-Length: 2\n\n\r\n"),
        .down("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 404 Not Found\r\n"),
        .down("Transfer-Encoding: gzip, chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n"),
        .up("CONNECT a:1 HTTP/1.1\r\n\r\n"),
        .down("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
        .up("GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"),
        .down("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"),
    ]

    static let samples: [(name: String, traffic: [Segment])] = [
        ("redis", redis), ("line", lines), ("line:pairing=none", lines),
        ("length-prefixed:offset=1,width=2,endianness=little", prefixed), ("http1", http),
        ("postgresql", PostgreSQLTraffic.session),
    ]

    private func framer(_ name: String) throws -> any Framer {
        try Framers.make(FramerSettings(parsing: name))
    }

    @Test func `any size of chunk gives the same messages`() throws {
        for sample in Self.samples {
            let whole = messages(try framer(sample.name), sample.traffic)
            #expect(!whole.contains { $0.contains("lost") } && whole.count > 8)
            let longest = sample.traffic.map(\.bytes.count).max() ?? 1
            for size in 1...longest {
                let cut = messages(try framer(sample.name), sample.traffic, cut: .every(size))
                #expect(cut == whole, "\(sample.name) in chunks of \(size)")
            }
        }
    }

    @Test func `any single cut gives the same messages`() throws {
        for sample in Self.samples {
            let whole = messages(try framer(sample.name), sample.traffic)
            for (index, segment) in sample.traffic.enumerated() {
                for place in 0...segment.bytes.count {
                    let cut = messages(
                        try framer(sample.name), sample.traffic,
                        cut: .once(segment: index, at: place))
                    #expect(cut == whole, "\(sample.name) cut in segment \(index) at \(place)")
                }
            }
        }
    }

    @Test func `a truncated link gives the messages that were whole`() throws {
        for sample in Self.samples {
            let whole = messages(try framer(sample.name), sample.traffic)
            for (index, segment) in sample.traffic.enumerated() {
                for place in 0...segment.bytes.count {
                    var traffic = Array(sample.traffic[...index])
                    traffic[index].bytes.removeSubrange(place...)
                    let some = messages(try framer(sample.name), traffic)
                    #expect(some == Array(whole.prefix(some.count)))
                }
            }
        }
    }

    @Test(arguments: [7, 2_026] as [UInt64])
    func `mutated bytes never trap, and are cut alike whatever the chunks`(seed: UInt64) throws {
        print("mutations with seed \(seed)")
        var numbers = SeededNumbers(seed: seed)
        let interesting = Array("\r\n*$%~>|!=+-:_,#(;.?0123456789 \"'\0\u{7f}".utf8)
        for round in 0..<2_000 {
            let sample = Self.samples[round % Self.samples.count]
            var traffic = sample.traffic
            for _ in 0...numbers.below(4) {
                let index = numbers.below(traffic.count)
                guard !traffic[index].bytes.isEmpty else { continue }
                let place = numbers.below(traffic[index].bytes.count)
                switch numbers.below(4) {
                case 0: traffic[index].bytes[place] = UInt8(truncatingIfNeeded: numbers.next())
                case 1: traffic[index].bytes.remove(at: place)
                case 2:
                    let byte = interesting[numbers.below(interesting.count)]
                    traffic[index].bytes.insert(byte, at: place)
                default: traffic.swapAt(index, numbers.below(traffic.count))
                }
            }
            let whole = messages(try framer(sample.name), traffic)
            let size = 1 + numbers.below(9)
            let cut = messages(try framer(sample.name), traffic, cut: .every(size))
            #expect(cut == whole, "\(sample.name), seed \(seed), round \(round), chunks of \(size)")
        }
    }
}
