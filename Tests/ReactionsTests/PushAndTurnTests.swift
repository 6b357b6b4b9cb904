import Recordings
import Testing

@testable import Reactions

private let subscribed = """
    10 > SUBSCRIBE a b\\r\\n
    20 < *3\\r\\n$9\\r\\nsubscribe\\r\\n$1\\r\\na\\r\\n:1\\r\\n
    20 < *3\\r\\n$9\\r\\nsubscribe\\r\\n$1\\r\\nb\\r\\n:2\\r\\n
    30 < *3\\r\\n$7\\r\\nmessage\\r\\n$1\\r\\na\\r\\n$1\\r\\nx\\r\\n
    40 < *3\\r\\n$7\\r\\nmessage\\r\\n$1\\r\\na\\r\\n$1\\r\\ny\\r\\n
    50 < *3\\r\\n$7\\r\\nmessage\\r\\n$1\\r\\na\\r\\n$1\\r\\nz\\r\\n
    """

@Suite struct PushAndTurnTests {
    @Test func `pushes are compared in the order of pushes, and a second answer with its second`()
        throws
    {
        let script = ReplayScript(
            recorded: subscribed,
            replayed: """
                10 > 1 SUBSCRIBE a b\\r\\n
                20 < *3\\r\\n$9\\r\\nsubscribe\\r\\n$1\\r\\na\\r\\n:1\\r\\n
                20 < *3\\r\\n$9\\r\\nsubscribe\\r\\n$1\\r\\nb\\r\\n:2\\r\\n
                30 < *3\\r\\n$7\\r\\nmessage\\r\\n$1\\r\\na\\r\\n$1\\r\\nx\\r\\n
                40 < *3\\r\\n$7\\r\\nmessage\\r\\n$1\\r\\na\\r\\n$1\\r\\nq\\r\\n
                50 fin client
                60 fin server
                """)
        let text = try script.reactions()
        #expect(
            text == """
                20 answer 1 same
                20 answer 1 same
                30 push 1 same
                40 push 2 different at 28
                50 closed by client
                60 closed by server
                60 push 3 missing
                """)
    }

    @Test func `a push that is one too many is an extra`() throws {
        let script = ReplayScript(
            recorded: "10 > a\\n\n20 < A\\nhello\\n",
            replayed: "10 > 1 a\\n\n20 < A\\nhello\\nworld\\n",
            framing: .framer(FramerSettings(name: "line")))
        #expect(
            try script.reactions() == """
                20 answer 1 same
                20 push 1 same
                20 push 2 extra
                """)
    }

    @Test func `without a framer bytes are compared by turns, until they differ`() throws {
        let script = ReplayScript(
            recorded: """
                10 > one
                20 < ONE!
                30 > two
                40 < TWO!
                50 > three
                60 < THREE!
                """,
            replayed: """
                10 > 0 one
                20 < ON
                21 < E!
                30 > 0 two
                40 < TOO!
                50 > 0 three
                60 < THREE!
                70 fin server
                """, framing: .none)
        #expect(
            try script.reactions() == """
                21 turn 1 4 same
                40 turn 2 4 different at 1
                70 closed by server unasked
                60 turn 3 6 not compared
                """)
    }

    @Test func `without a framer what never came is missing, and what is too much an extra`()
        throws
    {
        let recorded = "10 > one\n20 < ONE!"
        func reactions(_ replayed: String) throws -> String {
            try ReplayScript(recorded: recorded, replayed: replayed, framing: .none).reactions()
        }
        #expect(try reactions("10 > 0 one\n15 mark") == "15 turn 1 4 missing")
        #expect(
            try reactions("10 > 0 one\n20 < ONE\n25 mark")
                == "20 turn 1 3 same\n25 turn 2 1 cut-short")
        #expect(try reactions("10 > 0 one\n20 < ONE!!") == "20 turn 1 5 extra at 4")
    }

    @Test func `a gap of any size in the recording harms nothing`() throws {
        for missing in [0, 1, UInt64.max - 8, .max] {
            let script = ReplayScript(
                recorded: "10 > one\n20 < ONE!\n25 gap < \(missing)\n30 > two\n40 < TWO!",
                replayed: """
                    10 > 1 one
                    20 < ONE!TWO!
                    25 reset weir
                    30 a2 open
                    31 a2 > 2 two
                    40 a2 < TWO!
                    """, framing: .none, units: .chunks)
            let reactions = try script.reactions()
            #expect(reactions.contains("20 turn 1 8 "), "\(missing)")
            #expect(reactions.contains("a2 attempt opened"))
        }
    }

    @Test func `a gap in the replay makes what follows unreadable, and nothing missing`() throws {
        let script = ReplayScript(
            recorded: "10 > a\\n\n20 < A\\n\n30 > b\\n\n40 < B\\n",
            replayed: "10 > 1 a\\n\n20 < A\\n\n25 gap < 3\n30 > 2 b\\n\n50 fin server",
            framing: .framer(FramerSettings(name: "line")))
        #expect(
            try script.reactions() == """
                20 answer 1 same
                25 lost sync downstream 0: bytes are missing
                50 closed by server unasked
                """)
    }

    @Test func `where a protocol pairs no answers, turns are told and not compared`() throws {
        let script = ReplayScript(
            recorded: "10 > a\\n\n20 < b\\n", replayed: "10 > 1 a\\n\n20 < c\\nd\\n",
            framing: .framer(
                FramerSettings(
                    name: "line",
                    settings: [FramerSettings.Setting(key: "pairing", value: "none")])))
        #expect(try script.reactions() == "20 turn 1 4 not compared")
    }

    @Test func `a turn after a reconnect is compared from where its message stood`() throws {
        let script = ReplayScript(
            recorded: """
                10 > one
                20 < ONE!
                30 > two
                40 < TWO!
                """,
            replayed: """
                10 > 1 one
                20 < ONE!
                25 reset weir
                30 a2 open
                31 a2 > 2 two
                40 a2 < TWO!
                """, framing: .none, units: .chunks)
        #expect(
            try script.reactions() == """
                25 reset by weir
                20 turn 1 4 same
                25 turn 2 4 cut-short
                30 a2 attempt opened
                40 a2 turn 1 4 same
                """)
    }
}
