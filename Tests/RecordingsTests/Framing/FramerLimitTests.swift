import Testing

@testable import Recordings

/// Every limit has a name, and what goes over it ends in a reason.
struct FramerLimitTests {
    private func last(_ segments: [Segment], _ framer: any Framer = RedisFramer()) -> String {
        messages(framer, segments).last ?? ""
    }

    @Test func `what is no RESP is lost with its reason`() {
        #expect(last([.up("*1\r\n:1\r\n")]).contains("something else than strings"))
        #expect(last([.up("*1\r\n$01\r\n")]).contains("a string's length is not a number"))
        #expect(last([.up("*+1\r\n")]).contains("an array's count is not a number"))
        #expect(last([.up("*1\n")]).contains("an array's count is not a number"))
        #expect(last([.up("*1\r\n$-1\r\n")]).contains("a command's string has no length"))
        #expect(last([.up("*1\r\n$?\r\n")]).contains("a command's string has no length"))
        #expect(last([.up("*1\r\n$1\r\nxy\r\n")]).contains("does not end where its length says"))
        #expect(last([.down("hello")]).contains("begins with byte 104"))
        #expect(last([.down("*-2\r\n")]).contains("a count is negative"))
        #expect(last([.down("%-1\r\n")]).contains("a count is negative"))
        #expect(last([.down("$-2\r\n")]).contains("a length is negative"))
        #expect(last([.down(".\r\n")]).contains("begins with byte 46"))
        #expect(last([.down("*1\r\n.\r\n")]).contains("begins with byte 46"))
        #expect(last([.down("*?\r\n.x\r\n")]).contains("an end mark is not empty"))
        #expect(last([.down("$?\r\n$1\r\n")]).contains("something else than ';'"))
        #expect(last([.down("+a\rb")]).contains("a CR stands without LF"))
    }

    @Test func `lost bytes begin where the last whole message ended`() {
        let lines = messages(RedisFramer(), [.up("PING\r\n*1\r\n$4\r\nPI"), .up("NGx")])
        #expect(
            lines == [
                "u1 0+6 PING owes 1", "u lost at 6: a string does not end where its length says",
            ])
    }

    @Test func `strings and counts have limits`() {
        #expect(!last([.up("*1\r\n$536870912\r\n")]).contains("lost"))
        #expect(last([.up("*1\r\n$536870913\r\n")]).contains("longer than 536870912"))
        #expect(last([.up("*2147483648\r\n")]).contains("too many arguments"))
        #expect(last([.down("$536870913\r\n")]).contains("longer than 536870912"))
        #expect(last([.down("*2147483648\r\n")]).contains("more than 2147483647 elements"))
        #expect(last([.down("*99999999999999999999999\r\n")]).contains("is not a number"))
        #expect(last([.down("*2147483647\r\n:1\r\n")]) == "")
    }

    @Test func `inline commands and lines have limits`() {
        let inline = String(repeating: "a", count: 65_535)
        #expect(last([.up(inline + "\n")]).contains("other owes 1"))
        #expect(last([.up(inline + "a\n")]).contains("longer than 65536 bytes"))
        let line = String(repeating: "a", count: 1 << 20)
        #expect(last([.down("+" + line + "\r\n")]).contains("+ unasked"))
        #expect(last([.down("+" + line + "a\r\n")]).contains("longer than 1048576 bytes"))
    }

    @Test func `values nest as deep as 128`() {
        let deepest = String(repeating: "*1\r\n", count: 128) + ":1\r\n"
        #expect(last([.down(deepest)]) == "d1 0+\(deepest.utf8.count) * unasked")
        #expect(last([.down("*1\r\n" + deepest)]).contains("nested deeper than 128"))
    }

    @Test func `requests that nobody answers have a limit`() {
        let limit = OutstandingRequests<RedisRequest>.limit
        var conversation = Conversation(framer: RedisFramer())
        let ping = Array(String(repeating: "\n", count: 1).utf8) + Array("PING\n".utf8)
        var requests = 0
        while true {
            var reason: String?
            var start = 0
            loop: while start < ping.count {
                let rest = ping.span.extracting(start..<ping.count)
                switch conversation.advance(rest, .upstream, at: .start) {
                case .message(let consumed, let placed):
                    start += consumed
                    if placed.message.kind == "PING" { requests += 1 }
                case .lostSync(_, _, _, let why):
                    reason = why
                    break loop
                case .needMore, .opaque:
                    break loop
                }
            }
            if let reason {
                #expect(requests == limit)
                #expect(reason == "more than 1048576 requests await an answer")
                break
            }
            guard requests <= limit else { break }
        }
        let answer = Array("+PONG\r\n".utf8)
        guard
            case .message(_, let placed) = conversation.advance(
                answer.span, .downstream, at: .start)
        else {
            Issue.record("the first answer was not read")
            return
        }
        #expect(placed.message.role == .answer(to: 2, completes: true, isError: false))
    }

    @Test func `a replication stream is not read`() {
        let lines = pairing(
            RedisFramer(),
            [
                .up("PING\r\nREPLCONF capa eof\r\nPSYNC ? -1\r\n"),
                .down("+PONG\r\n+OK\r\n+FULLRESYNC 8de1787ba490483314a4d30f1c628bc5025eb761 0\r\n"),
            ])
        #expect(
            lines == [
                "u1 PING owes 1", "u2 REPLCONF owes 1",
                "u lost at 25: PSYNC makes it a replication stream",
                "d1 + to 1", "d2 + to 2",
                "d lost at 12: PSYNC makes it a replication stream",
            ])
    }

    @Test func `the error answer to broken bytes is read, and nothing after it is paired`() {
        let lines = pairing(
            RedisFramer(),
            [
                .up("PING\r\n*x\r\n"),
                .down("+PONG\r\n-ERR Protocol error: invalid multibulk length\r\n+OK\r\n"),
            ])
        #expect(
            lines.suffix(3) == [
                "d1 + to 1", "d2 - unasked",
                "d lost at 54: the requests cannot be read: an array's count is not a number",
            ])
    }

    @Test func `a gap ends a link, and what it asked cannot be paired`() {
        var conversation = Conversation(framer: RedisFramer())
        conversation.gap(.upstream, bytes: 10)
        #expect(conversation.upstream.offset == 10)
        let answer = Array("+PONG\r\n".utf8)
        let step = conversation.advance(answer.span, .downstream, at: .start)
        #expect(
            step
                == .lostSync(
                    consumed: 0, direction: .downstream, offset: 0, reason: "requests are missing"))
    }
}
