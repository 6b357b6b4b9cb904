import Faults
import Recordings
import Testing

@testable import Engine

/// What a player decides, as values: time drawn as text, no socket.
struct PlayerTests {
    private func take() throws -> Take {
        try Take(
            "line",
            #"""
            0ms open
            10ms > aa\n
            11ms > bb\n
            20ms < 1\n2\n
            30ms > cc\n
            31ms < 3\n
            40ms fin >
            """#)
    }

    private func strike(_ effect: StrikeEffect, at message: UInt64) -> Strike {
        Strike(
            id: "s", rule: "s", connection: 1, direction: .upstream, message: message,
            effect: effect)
    }

    private func expect(
        _ script: String, _ strikes: [Strike] = [],
        _ change: (inout ReplaySettings) -> Void = { _ in }
    ) throws {
        var diagram = try PlayerDiagram(take(), strikes, change)
        let text = try diagram.text(script)
        #expect(text == script, "\(text)")
    }

    @Test func `a clean connection, in pieces as the socket takes them`() throws {
        try expect(
            """
            0 ask
                dial 1
                wait until 10000.0
            1 opened
                wait until 10.0
            10 ask
                send 1+0 3
                wait until 11.0
            11 took 2
                send 2+0 3
            12 full
                wait until 212.0
            20 took 4
            20 room
                wait until 5030.0
            25 came 1\\n
                wait until 5029.0
            28 came 2\\n
                wait until 38.0
            38 ask
                send 3+0 3
            38 took 3
                wait until 5039.0
            50 came 3\\n
                finish by client
                wait until 5050.0
            51 fin
                close by weir
                done
            """)
    }

    @Test
    func `a cut waits for the socket, then for the consumer's kernel, and then for its pause`()
        throws
    {
        try expect(
            """
            0 ask
                dial 1
                wait until 10000.0
            0 opened
                wait until 10.0
            12 ask
                send 1+0 3
                send 2+0 2
            12 took 4
            13 took 1
                ask unacknowledged
            13 unacknowledged 2
                wait until 13.2
            13.2 ask
                ask unacknowledged
            13.2 unacknowledged 0
                s applied
                reset by weir
                wait until 113.2
            113.2 ask
                dial 2
                wait until 10113.2
            114 refused
                wait until 214.0
            214 ask
                dial 2
                wait until 10214.0
            215 opened
                send 1+0 3
                send 2+0 3
            215 took 6
                wait until 5225.0
            """, [strike(.disconnect(Cut(sentBytes: 2, resend: [1...2])), at: 2)])
    }

    @Test func `a copy that the socket did not take whole is not applied`() throws {
        try expect(
            """
            0 ask
                dial 1
                wait until 10000.0
            0 opened
                wait until 10.0
            10 ask
                send 1+0 3
                send 1/1+0 3
                wait until 11.0
            10 took 5
                wait until 11.0
            10 rst
                s preempted: the consumer ended first
                release
                done
            """, [strike(.duplicate(copies: 1, afterNanoseconds: 0), at: 1)])
    }

    @Test func `a drop has not struck while what stands before it is on its way`() throws {
        try expect(
            """
            0 ask
                dial 1
                wait until 10000.0
            0 opened
                send 1+0 3
            0 rst
                s preempted: the consumer ended first
                release
                done
            """, [strike(.drop, at: 2)]
        ) { $0.pacing = .asap }
    }

    @Test func `a stop in the middle of a cut finishes in order`() throws {
        try expect(
            """
            0 ask
                dial 1
                wait until 10000.0
            0 opened
                wait until 10.0
            10 ask
                send 1+0 1
            10 took 1
                ask unacknowledged
            10 unacknowledged 1
                wait until 10.2
            10 stop
                s preempted: interrupted
                finish by weir
                wait until 1010.0
            1010 ask
                report mark(label: "the consumer\\'s end did not come in time")
                close by weir
                done
            """, [strike(.disconnect(Cut(sentBytes: 1)), at: 1)])
    }

    @Test func `a stop while dialling lets go of the socket`() throws {
        try expect(
            """
            0 ask
                dial 1
                wait until 10000.0
            5 stop
                s preempted: interrupted
                release
                done
            """, [strike(.drop, at: 1)])
    }
}
