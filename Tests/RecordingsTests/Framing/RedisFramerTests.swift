import Testing

@testable import Recordings

struct RedisFramerTests {
    @Test func `a pipeline's answers belong to its requests in order`() {
        let lines = messages(
            RedisFramer(),
            [
                .up("*1\r\n$4\r\nPING\r\n*3\r\n$3\r\nset\r\n$1\r\na\r\n$2\r\n\r\n\r\n"),
                .up("*2\r\n$3\r\nGET\r\n$1\r\na\r\n*2\r\n$8\r\nFANCYCMD\r\n$0\r\n\r\n"),
                .down("+PONG\r\n+OK\r\n$2\r\n\r\n\r\n-ERR unknown command\r\n"),
            ])
        #expect(
            lines == [
                "u1 0+14 PING owes 1", "u2 14+28 SET owes 1", "u3 42+20 GET owes 1",
                "u4 62+24 other owes 1",
                "d1 0+7 + to 1", "d2 7+5 + to 2", "d3 12+8 $ to 3", "d4 20+22 - to 4 error",
            ])
    }

    @Test func `inline commands are split as Redis splits them`() {
        let lines = pairing(
            RedisFramer(),
            [
                .up("PING\r\n  select  3 \n\r\n\n"),
                .up("\"SU\"\"\r\n"), .up("'CLIENT' SETNAME \"a \\\" b\"\r\n"),
                .up("SUBSCRIBE 'a b' \"c\"\r\n"),
            ])
        #expect(
            lines == [
                "u1 PING owes 1", "u2 SELECT owes 1 [SELECT]", "u3 empty owes 0", "u4 empty owes 0",
                "u5 other owes 1", "u6 CLIENT owes 1 [CLIENT SETNAME]",
                "u7 SUBSCRIBE owes 2 [SUBSCRIBE #\(hash("a b", "c"))]",
            ])
    }

    @Test func `values nest, and nulls and empty aggregates are whole`() {
        let values = [
            "*-1\r\n", "$-1\r\n", "_\r\n", "*0\r\n", "%0\r\n", "~0\r\n", "$0\r\n\r\n",
            "*2\r\n*1\r\n:1\r\n*2\r\n$-1\r\n*0\r\n", "%2\r\n+a\r\n*1\r\n$1\r\nx\r\n,1.5\r\n#t\r\n",
            "=7\r\ntxt:abc\r\n", "(12345678901234567890\r\n", "!5\r\nERR x\r\n",
            "|1\r\n+ttl\r\n:3\r\n*1\r\n+x\r\n", "*2\r\n|1\r\n+a\r\n+b\r\n+x\r\n+y\r\n",
            "|0\r\n+x\r\n", "$?\r\n;4\r\nHell\r\n;1\r\no\r\n;0\r\n", "*?\r\n:1\r\n*?\r\n.\r\n.\r\n",
            "%?\r\n+a\r\n:1\r\n.\r\n", "~?\r\n.\r\n", "|?\r\n+a\r\n:1\r\n.\r\n:7\r\n",
        ]
        let kinds = [
            "*", "$", "_", "*", "%", "~", "$", "*", "%", "=", "(", "!", "*", "*", "+", "$", "*",
            "%", "~", ":",
        ]
        var segments: [Segment] = values.map { _ in .up("PING\n") }
        segments += values.map { .down($0) }
        let expected = zip(kinds, 1...).map { kind, number in
            "d\(number) \(kind) to \(number)" + (kind == "!" ? " error" : "")
        }
        #expect(Array(pairing(RedisFramer(), segments).dropFirst(values.count)) == expected)
    }

    @Test func `RESP3's pushes are unasked wherever they come`() {
        let lines = pairing(
            RedisFramer(),
            [
                .up("GET a\r\nGET b\r\n"),
                .down(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n$1\r\n1\r\n"),
                .down(">3\r\n+message\r\n+ch\r\n+hello\r\n$1\r\n2\r\n>1\r\n+x\r\n"),
            ])
        #expect(
            lines.suffix(5) == [
                "d1 > unasked", "d2 $ to 1", "d3 > unasked", "d4 $ to 2", "d5 > unasked",
            ])
    }

    @Test func `subscriptions are confirmed one by one, and deliveries are unasked`() {
        // As Redis 7.0 answers.
        let lines = pairing(
            RedisFramer(),
            [
                .up("UNSUBSCRIBE\r\nSUBSCRIBE a a b\r\nPSUBSCRIBE x*\r\nPING\r\n"),
                .down("*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n" + confirm("subscribe", "a", 1)),
                .down(delivery + confirm("subscribe", "a", 1) + delivery),
                .down(confirm("subscribe", "b", 2) + confirm("psubscribe", "x*", 3)),
                .down("*4\r\n$8\r\npmessage\r\n$2\r\nx*\r\n$2\r\nxy\r\n$1\r\n1\r\n"),
                .down("*2\r\n$4\r\npong\r\n$0\r\n\r\n"),
                .up("UNSUBSCRIBE\r\nPUNSUBSCRIBE x* y\r\nLRANGE l 0 -1\r\n"),
                .down(confirm("unsubscribe", "a", 2) + confirm("unsubscribe", "b", 1)),
                .down(confirm("punsubscribe", "x*", 0) + confirm("punsubscribe", "y", 0)),
                .down("*2\r\n$7\r\nmessage\r\n$1\r\nx\r\n"),
            ])
        #expect(
            lines == [
                "u1 UNSUBSCRIBE owes 1 [SUBSCRIBE]",
                "u2 SUBSCRIBE owes 3 [SUBSCRIBE a a b]",
                "u3 PSUBSCRIBE owes 1 [PSUBSCRIBE x*]", "u4 PING owes 1",
                "d1 * to 1", "d2 * to 2 part", "d3 * unasked", "d4 * to 2 part", "d5 * unasked",
                "d6 * to 2", "d7 * to 3", "d8 * unasked", "d9 * to 4",
                "u5 UNSUBSCRIBE owes 2 [SUBSCRIBE]",
                "u6 PUNSUBSCRIBE owes 2 [PSUBSCRIBE x* y]", "u7 LRANGE owes 1",
                "d10 * to 5 part", "d11 * to 5", "d12 * to 6 part", "d13 * to 6", "d14 * to 7",
            ])
    }

    @Test func `RESP3 confirms subscriptions with pushes, and its arrays are answers`() {
        let lines = pairing(
            RedisFramer(),
            [
                .up("HELLO 3\r\nSUBSCRIBE a\r\nLRANGE l 0 -1\r\nSSUBSCRIBE s\r\nSUNSUBSCRIBE\r\n"),
                .down("%1\r\n$5\r\nproto\r\n:3\r\n>3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"),
                .down("*2\r\n$7\r\nmessage\r\n$1\r\nx\r\n>3\r\n$7\r\nmessage\r\n+a\r\n+1\r\n"),
                .down(">3\r\n$10\r\nssubscribe\r\n$1\r\ns\r\n:1\r\n"),
                .down(">3\r\n$12\r\nsunsubscribe\r\n$1\r\ns\r\n:0\r\n"),
                .down(">3\r\n$12\r\nsunsubscribe\r\n$1\r\nq\r\n:0\r\n"),
            ])
        #expect(
            lines.suffix(7) == [
                "d1 % to 1", "d2 > to 2", "d3 * to 3", "d4 > unasked", "d5 > to 4", "d6 > to 5",
                "d7 > unasked",
            ])
    }

    @Test func `a refused subscription is answered once`() {
        let lines = pairing(
            RedisFramer(),
            [
                .up("SUBSCRIBE a b c\r\nPING\r\n"),
                .down("-NOPERM no\r\n+PONG\r\n"),
            ])
        #expect(lines.suffix(2) == ["d1 - to 1 error", "d2 + to 2"])
    }

    @Test func `a transaction is a group, and its commands are answered QUEUED`() {
        let lines = pairing(
            RedisFramer(),
            [
                .up("MULTI\r\nSUBSCRIBE a b\r\nSELECT 1\r\nEXEC\r\nPING\r\n"),
                .down("+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n" + confirm("subscribe", "a", 1)),
                .down(confirm("subscribe", "b", 2) + "+OK\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n"),
                .up("MULTI\r\nMULTI\r\nDISCARD\r\nEXEC\r\nMULTI\r\nINCR a\r\nRESET\r\nPING\r\n"),
            ])
        #expect(
            lines == [
                "u1 MULTI owes 1 in 1", "u2 SUBSCRIBE owes 1 in 1", "u3 SELECT owes 1 in 1",
                "u4 EXEC owes 1 in 1 ends", "u5 PING owes 1",
                "d1 + to 1", "d2 + to 2", "d3 + to 3",
                // Redis counts the two confirmations as one element; the rest follows by itself.
                "d4 * to 4", "d5 + to 5", "d6 * unasked",
                "u6 MULTI owes 1 in 6", "u7 MULTI owes 1 in 6", "u8 DISCARD owes 1 in 6 ends",
                "u9 EXEC owes 1", "u10 MULTI owes 1 in 10", "u11 INCR owes 1 in 10",
                "u12 RESET owes 1 [RESET] in 10 ends", "u13 PING owes 1",
            ])
    }

    @Test func `CLIENT REPLY silences as Redis does`() {
        let lines = pairing(
            RedisFramer(),
            [
                .up(
                    "CLIENT REPLY SKIP\r\nGET a\r\nGET b\r\nclient reply off\r\nGET c\r\n"),
                .up("MULTI\r\nEXEC\r\nCLIENT REPLY SKIP\r\nCLIENT REPLY ON\r\nGET d\r\n"),
                .down("$1\r\nb\r\n+OK\r\n$1\r\nd\r\n"),
                .up("CLIENT REPLY OFF\r\nSUBSCRIBE ch\r\nPING\r\nRESET\r\nPING\r\n"),
                .down(confirm("subscribe", "ch", 1) + "+RESET\r\n+PONG\r\n"),
                .up("CLIENT REPLY SKIP\r\nSUBSCRIBE a b\r\nPING\r\n"),
                .down(confirm("subscribe", "a", 1) + confirm("subscribe", "b", 2) + pong),
                .up("CLIENT REPLY SKIP\r\nRESET\r\nPING\r\nCLIENT REPLY FOO\r\n"),
                .down("+PONG\r\n-ERR syntax error\r\n"),
            ])
        #expect(
            lines == [
                "u1 CLIENT owes 0", "u2 GET owes 0", "u3 GET owes 1",
                "u4 CLIENT owes 0 [CLIENT REPLY]", "u5 GET owes 0", "u6 MULTI owes 0 in 6",
                "u7 EXEC owes 0 in 6 ends", "u8 CLIENT owes 0",
                "u9 CLIENT owes 1 [CLIENT REPLY]", "u10 GET owes 1",
                "d1 $ to 3", "d2 + to 9", "d3 $ to 10",
                "u11 CLIENT owes 0 [CLIENT REPLY]", "u12 SUBSCRIBE owes 0 [SUBSCRIBE ch]",
                "u13 PING owes 0", "u14 RESET owes 1 [RESET]", "u15 PING owes 1",
                "d4 * unasked", "d5 + to 14", "d6 + to 15",
                "u16 CLIENT owes 0", "u17 SUBSCRIBE owes 0 [SUBSCRIBE a b]",
                "u18 PING owes 1",
                "d7 * unasked", "d8 * unasked", "d9 * to 18",
                "u19 CLIENT owes 0", "u20 RESET owes 0 [RESET]", "u21 PING owes 1",
                "u22 CLIENT owes 1", "d10 + to 21", "d11 - to 22 error",
            ])
    }

    @Test func `a monitor's lines are unasked, and its other answers are not`() {
        let lines = pairing(
            RedisFramer(),
            [
                .up("MONITOR\r\nPING\r\n"),
                .down("+OK\r\n+1795500222.02 [0 unix:/r] \"PING\"\r\n+PONG\r\n"),
                .up("RESET\r\nPING\r\n"), .down("+RESET\r\n+1\r\n"),
            ])
        #expect(
            lines == [
                "u1 MONITOR owes 1 [MONITOR]", "u2 PING owes 1", "d1 + to 1", "d2 + unasked",
                "d3 + to 2", "u3 RESET owes 1 [RESET]", "u4 PING owes 1", "d4 + to 3", "d5 + to 4",
            ])
    }

    @Test func `what changes the session is told, with credentials`() {
        let lines = pairing(
            RedisFramer(),
            [
                .up("AUTH user secret\r\nHELLO 3 AUTH u p SETNAME n\r\nHELLO 3\r\nSELECT 1\r\n"),
                .up("CLIENT SETINFO LIB-NAME x\r\nCLIENT SETINFO lib-ver 1\r\nREADWRITE\r\n"),
                .up("READONLY\r\nASKING\r\nCLIENT LIST\r\nCLIENT TRACKING ON\r\nCLIENT\r\n"),
                .up("MULTI\r\nAUTH x\r\n"),
            ])
        #expect(
            lines == [
                "u1 AUTH owes 1 [AUTH] credentials", "u2 HELLO owes 1 [HELLO] credentials",
                "u3 HELLO owes 1 [HELLO]", "u4 SELECT owes 1 [SELECT]",
                "u5 CLIENT owes 1 [CLIENT SETINFO LIB-NAME]",
                "u6 CLIENT owes 1 [CLIENT SETINFO LIB-VER]", "u7 READWRITE owes 1 [READONLY]",
                "u8 READONLY owes 1 [READONLY]", "u9 ASKING owes 1", "u10 CLIENT owes 1",
                "u11 CLIENT owes 1 [CLIENT TRACKING ON]", "u12 CLIENT owes 1",
                "u13 MULTI owes 1 in 13", "u14 AUTH owes 1 [AUTH] credentials in 13",
            ])
    }

    @Test func `answers that nobody asked for are unasked, in any number`() {
        let lines = pairing(
            RedisFramer(), [.down("+OK\r\n:1\r\n"), .up("PING\n"), .down("+A\r\n")])
        #expect(lines == ["d1 + unasked", "d2 : unasked", "u1 PING owes 1", "d3 + to 1"])
    }

    private let delivery = "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n"
    private let pong = "*2\r\n$4\r\npong\r\n$0\r\n\r\n"

    private func confirm(_ word: String, _ name: String, _ total: Int) -> String {
        "*3\r\n$\(word.utf8.count)\r\n\(word)\r\n$\(name.utf8.count)\r\n\(name)\r\n:\(total)\r\n"
    }

    private func hash(_ names: String...) -> String {
        var arguments = RedisArguments()
        for name in names {
            for byte in name.utf8 { arguments.append(byte) }
            arguments.endArgument()
        }
        return String(arguments.key("").dropFirst(2))
    }
}
