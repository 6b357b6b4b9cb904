import Recordings

/// HTTP/1 messages to feed to a framer.
enum HTTPTraffic {
    /// - Parameter isPlain: nothing whose framing depends on the other link, or ends it.
    static func message(
        _ direction: Direction, isPlain: Bool, _ dice: inout FuzzDice
    ) -> [UInt8] {
        let end = dice.isOne(in: 6) ? "\n" : "\r\n"
        var bytes: [UInt8] = []
        if direction == .upstream {
            if dice.isOne(in: 8) { bytes += Array(end.utf8) }
            let plain = ["GET", "POST", "PUT", "OPTIONS", "BREW", "DELETE"]
            let method = dice.pick(isPlain ? plain : plain + ["HEAD", "HEAD", "CONNECT"])
            bytes += Array("\(method) /\(dice.below(100)) HTTP/1.1\(end)".utf8)
        } else {
            let plain = ["200 OK", "404 Not Found", "500", "201 ", "302 Found"]
            let bodiless = ["100 Continue", "103 Early", "204 No", "304 Not", "101 Switching"]
            let status = dice.pick(isPlain ? plain : plain + bodiless)
            bytes += Array("HTTP/1.1 \(status)\(end)".utf8)
        }
        for _ in 0..<dice.below(4) {
            let fields = [
                "Host: a", "X-Empty:", "Cookie: a=b", "Accept:  */* ", "X: a\(end)\tb",
                "Upgrade: websocket", "Set-Cookie: q",
            ]
            bytes += Array((dice.pick(fields) + end).utf8)
        }
        return bytes + body(direction, isPlain: isPlain, end, &dice)
    }

    private static func body(
        _ direction: Direction, isPlain: Bool, _ end: String, _ dice: inout FuzzDice
    ) -> [UInt8] {
        let content = (0..<dice.below(dice.isOne(in: 6) ? 400 : 20)).map { _ in dice.byte() }
        switch dice.below(isPlain ? 4 : 5) {
        case 0 where direction == .upstream:
            return Array(end.utf8)
        case 0, 1:
            return Array("Content-Length: \(content.count)\(end)\(end)".utf8) + content
        case 4:
            // Until the link ends, or with a length and chunks that are at odds.
            let fields = dice.pick([
                "", "Content-Length: 1\r\nContent-Length: 2\r\n", "Transfer-Encoding: gzip\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
            ])
            return Array("\(fields)\(end)".utf8) + content
        default:
            var bytes = Array("Transfer-Encoding: chunked\(end)\(end)".utf8)
            var rest = content[...]
            while !rest.isEmpty {
                let chunk = rest.prefix(1 + dice.below(rest.count))
                rest = rest.dropFirst(chunk.count)
                let size = String(chunk.count, radix: 16, uppercase: dice.isOne(in: 2))
                let after = dice.isOne(in: 3) ? ";name=\"value\"" : ""
                bytes += Array("\(size)\(after)\r\n".utf8) + chunk + [13, 10]
            }
            let trailer = dice.isOne(in: 3) ? "Expires: 0\(end)" : ""
            return bytes + Array("0\r\n\(trailer)\(end)".utf8)
        }
    }
}
