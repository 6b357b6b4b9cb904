import Foundation
import Testing

/// Redis behind `weir proxy` that is not told the protocol.
@Suite(.enabled(if: RunningProgram.areInstalled("redis-server"), "needs redis-server"))
struct LiveDetectionTests {
    @Test
    func `each of 300 inline requests is rolled for, though only an answer tells the protocol`()
        throws
    {
        let redis = try RedisServer()
        let weir = try WeirBetween(
            .proxy, upstream: ":\(redis.port)",
            options: ["--fault", "duplicate direction=upstream", "--seed", "7"])
        for connection in 1...3 {
            let client = try #require(PeerSocket(connectingTo: weir.port))
            #expect(client.send(Data(String(repeating: "INCR n\r\n", count: 100).utf8)))
            // Each is done twice, and the client sees the first answer of each alone.
            let answers = (0..<100).map { ":\((connection - 1) * 200 + $0 * 2 + 1)\r\n" }.joined()
            #expect(client.receive(exactly: answers.utf8.count) == Data(answers.utf8))
        }
        try weir.finish("detection", "300 inline requests, each twice")
        #expect(
            weir.program.text.contains(
                "duplicate: 300 applied; chance 100% of 300 messages, 300 struck"),
            "\(weir.program.text)")
        #expect(!weir.program.text.contains("passed before the protocol was known"))
    }
}
