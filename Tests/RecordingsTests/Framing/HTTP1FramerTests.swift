import Testing

@testable import Recordings

struct HTTP1FramerTests {
    private func read(_ segments: [Segment]) -> [String] { messages(HTTP1Framer(), segments) }
    private func pairs(_ segments: [Segment]) -> [String] { pairing(HTTP1Framer(), segments) }
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `a body is as long as its Content-Length, and missing means none in a request`() {
        let lines = read([
            .up("POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc\(get)"),
            .down("HTTP/1.1 201 Created\r\ncontent-length:0 \r\n\r\nHTTP/1.1 404 \r\n"),
            .down("Content-Length: 2, 2\r\nContent-Length: 2\r\n\r\nno"),
        ])
        #expect(
            lines == [
                "u1 0+42 POST owes 1", "u2 42+27 GET owes 1", "d1 0+43 201 to 1",
                "d2 43+60 404 to 2 error",
            ])
    }

    @Test func `chunks may have extensions, and trailers behind them`() {
        let body = "5;a=\"b\"\r\nhello\r\n0A  \r\n0123456789\r\n000\r\nExpires: 0\r\nX:\r\n\r\n"
        let lines = read([
            .up("PUT / HTTP/1.1\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n\(body)\(get)"),
            .down("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(body)"),
        ])
        #expect(
            lines == [
                "u1 0+109 PUT owes 1", "u2 109+27 GET owes 1", "d1 0+104 200 to 1",
            ])
    }

    @Test func `a response without a length lasts until its link ends`() {
        var conversation = Conversation(framer: HTTP1Framer())
        let request = Array(get.utf8)
        let answer = Array("HTTP/1.0 200 OK\r\n\r\nsome".utf8)
        _ = conversation.advance(request.span, .upstream, at: .start)
        #expect(conversation.finish(.upstream, at: .start) == nil)
        #expect(conversation.advance(answer.span, .downstream, at: .start) == .needMore)
        let end = Instant(nanoseconds: 9)
        let placed = conversation.finish(.downstream, at: end)
        #expect(placed.map { describe($0) } == "d1 0+23 200 to 1")
        #expect(placed?.ended == end)
        #expect(conversation.downstream.partial == nil)
        #expect(conversation.finish(.downstream, at: end) == nil)
    }

    @Test func `a body that stops short of its length is no message when its link ends`() {
        var conversation = Conversation(framer: HTTP1Framer())
        let request = Array(get.utf8)
        let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome".utf8)
        _ = conversation.advance(request.span, .upstream, at: .start)
        _ = conversation.advance(answer.span, .downstream, at: .start)
        #expect(conversation.finish(.downstream, at: .start) == nil)
        #expect(conversation.downstream.partial?.offset == 0)
    }

    @Test func `answers to HEAD, 204 and 304 have no body, whatever they say`() {
        let lines = pairs([
            .up("HEAD / HTTP/1.1\r\n\r\n\(get)\(get)\(get)"),
            .down("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
            .down("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"),
            .down("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"),
            .down("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n5"),
        ])
        #expect(lines.suffix(4) == ["d1 200 to 1", "d2 204 to 2", "d3 304 to 3", "d4 200 to 4"])
    }

    @Test func `a status of 1xx comes before the last word, even before the body`() {
        let lines = pairs([
            .up("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
            .down("HTTP/1.1 100 Continue\r\n\r\n"),
            .up("ab\(get)"),
            .down("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n"),
            .down("Content-Length: 0\r\n\r\nHTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"),
        ])
        #expect(
            lines == [
                "d1 100 to 1 part", "u1 POST owes 1", "u2 GET owes 1", "d2 103 to 1 part",
                "d3 200 to 1", "d4 500 to 2 error",
            ])
    }

    @Test func `a granted CONNECT makes a tunnel, a refused one does not`() {
        let connect = "CONNECT a:443 HTTP/1.1\r\n\r\n"
        #expect(
            read([
                .up(connect), .down("HTTP/1.1 407 No\r\nContent-Length: 1\r\n\r\nx"), .up(connect),
                .down("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\u{16}"), .up("\u{16}\u{3}"),
            ]) == [
                "u1 0+26 CONNECT owes 1", "d1 0+39 407 to 1 error", "u2 26+26 CONNECT owes 1",
                "d2 39+38 200 to 2", "d lost at 77: a CONNECT made it a tunnel",
                "u lost at 52: a CONNECT made it a tunnel",
            ])
        #expect(
            read([.up(connect + get)]).last
                == "u lost at 26: what follows a CONNECT that has no answer may be a tunnel")
    }

    @Test func `a switched connection is not read on, and what it switched to is said`() {
        let upgrade = "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"
        #expect(
            read([
                .up(upgrade), .down("HTTP/1.1 101 Switching\r\nUpgrade: web\u{7}socket\r\n\r\n"),
                .down("\u{2}hi"), .up("\u{2}ho"),
            ]) == [
                "u1 0+40 GET owes 1", "d1 0+47 101 to 1",
                "d lost at 47: the connection switched to web?socket",
                "u lost at 40: the connection switched to web?socket",
            ])
        #expect(
            read([.up(upgrade), .down("HTTP/1.1 101 x\r\n\r\n?")]).last
                == "d lost at 18: the connection switched to another protocol")
    }

    @Test func `what a recipient may take is taken`() {
        #expect(read([.up("\r\n\nGET / HTTP/1.1\nHost: a\n\n")]) == ["u1 0+27 GET owes 1"])
        #expect(
            read([.up("GET / HTTP/1.1\r\nContent-Length:\r\n 2\r\nX: a\r\n\tb\r\n\r\nabHEAD")])
                == ["u1 0+51 GET owes 1"])
        #expect(
            read([.up("get / HTTP/1.1\r\n\r\nBREW /tea?\u{e9} HTTP/1.1\r\n\r\n")])
                == ["u1 0+18 other owes 1", "u2 18+25 other owes 1"])
        #expect(
            pairs([.down("HTTP/1.1 408\r\nContent-Length : 0\r\n\r\n")]) == ["d1 408 unasked"])
        #expect(
            pairs([.up(get), .down("HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n")]).last
                == "d1 other to 1 error")
    }

    @Test func `Transfer-Encoding overrides Content-Length`() {
        #expect(
            read([
                .up("GET / HTTP/1.1\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n"),
                .up("0\r\n\r\n\(get)"),
            ]) == ["u1 0+70 GET owes 1", "u2 70+27 GET owes 1"])
    }

    @Test func `credentials are a message's own, and no session state`() {
        for field in ["Authorization: Basic eA==", "proxy-authorization: x", "Cookie: a=b"] {
            var framer = HTTP1Framer()
            let request = Array("GET / HTTP/1.1\r\n\(field)\r\n\r\n\(get)".utf8)
            guard case .message(let used, let first) = framer.advance(request.span, .upstream),
                case .message(_, let second) = framer.advance(
                    request.span.extracting(used..<request.count), .upstream)
            else {
                Issue.record("not read")
                return
            }
            #expect(first.carriesCredentials && first.state == nil)
            #expect(!second.carriesCredentials)
        }
    }

    @Test func `an answer to broken bytes is read, and nothing after it`() {
        let lines = pairs([
            .up("\(get)GET /\r\n"),
            .down("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
            .down("HTTP/1.1 400 Bad\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n\r\n"),
        ])
        #expect(
            lines == [
                "u1 GET owes 1", "u lost at 27: a request line has no version", "d1 200 to 1",
                "d2 400 unasked",
                "d lost at 78: the requests cannot be read: a request line has no version",
            ])
    }

    @Test func `after missing requests no answer can be read`() {
        var conversation = Conversation(framer: HTTP1Framer())
        conversation.gap(.upstream)
        let answer = Array("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n".utf8)
        guard case .lostSync = conversation.advance(answer.span, .downstream, at: .start) else {
            Issue.record("it was read")
            return
        }
    }

    @Test func `a transcript has early answers and those that last until the end`() throws {
        var builder = try TranscriptBuilder(framing: FramingChoice(parsing: "http1"))
        let steps: [(Int64, Direction, String)] = [
            (1, .upstream, "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n"),
            (2, .downstream, "HTTP/1.1 100 Continue\r\n\r\n"), (3, .upstream, "x"),
            (4, .downstream, "HTTP/1.1 200 OK\r\n\r\nbody"),
        ]
        for (instant, direction, text) in steps {
            builder.receive(
                Event(
                    at: Instant(nanoseconds: instant), connection: 1, direction: direction,
                    .chunk),
                Array(text.utf8).span, fileOffset: 0)
        }
        let empty: [UInt8] = []
        builder.receive(
            Event(
                at: Instant(nanoseconds: 5), connection: 1, direction: .downstream,
                .finished(by: .server)),
            empty.span, fileOffset: 0)
        let connection = try #require(builder.finish().connections.first)
        let exchange = connection.exchange(1)
        #expect(exchange.answers == 1...2 && exchange.isComplete)
        #expect(exchange.answerBegan == Instant(nanoseconds: 2))
        #expect(exchange.answerEnded == Instant(nanoseconds: 5))
        #expect(connection.downstream.unfinished == nil)
    }
}
