import Engine
import Faults
import Recordings
import Simulation
import Testing

/// The same replay over the simulated network and over the kernel's.
struct LiveReplayTests {
    @Test(arguments: Ground.allCases)
    func `a replay with every kind of strike sends the same bytes everywhere`(
        _ ground: Ground
    ) throws {
        let take = try Take(
            "redis",
            #"""
            0ms open
            0ms c2 open
            1ms > SELECT 3\r\n
            2ms < +OK\r\n
            3ms > SET a 1\r\nSET b 2\r\nSET c 3\r\nSET d 4\r\nSET e 5\r\n
            4ms c2 > PING\r\n
            5ms c2 < +PONG\r\n
            6ms < +OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n
            7ms > SET f 6\r\n
            8ms < +OK\r\n
            9ms fin >
            9ms fin <
            """#)
        func strike(_ effect: StrikeEffect, at message: UInt64, _ id: String) -> Strike {
            Strike(
                id: id, rule: id, connection: 1, direction: .upstream, message: message,
                effect: effect)
        }
        let bench = try ground.makeBench()
        let server = try ScriptedServer(
            on: bench.network, at: bench.address, log: bench.log,
            serving: .lines { _ in [.send("+OK\r\n")] })
        let address = try #require(server.address)
        let log = ReplayLog()
        let replay = Replay(
            of: take.transcript, bytes: take.bytes,
            schedule: Schedule(
                seed: 7,
                strikes: [
                    strike(.duplicate(copies: 2, afterNanoseconds: 0), at: 2, "twice"),
                    strike(.reorder(with: 4...4), at: 3, "swap"),
                    strike(.drop, at: 5, "drop"),
                    strike(.delay(nanoseconds: 1_000_000), at: 6, "late"),
                    strike(
                        .disconnect(Cut(sentBytes: 4, waitNanoseconds: 1_000_000, resend: [6...6])),
                        at: 6, "cut"),
                ]),
            settings: ReplaySettings(to: address, framing: take.framing), on: bench.network,
            observer: log)
        replay.start(sessionStart: bench.network.now)
        try bench.run { log.result != nil }
        #expect(
            String(decoding: log.sentBytes(1), as: UTF8.self)
                == "SELECT 3\r\nSET a 1\r\nSET a 1\r\nSET a 1\r\nSET c 3\r\nSET b 2\r\nSET ")
        #expect(
            String(decoding: log.sentBytes(1, attempt: 2), as: UTF8.self)
                == "SELECT 3\r\nSET e 5\r\nSET f 6\r\n")
        #expect(String(decoding: log.sentBytes(2), as: UTF8.self) == "PING\r\n")
        #expect(log.result?.counts.strikesApplied == 5 && log.result?.ending == .completed)
        #expect(server.failure == nil)
    }
}
