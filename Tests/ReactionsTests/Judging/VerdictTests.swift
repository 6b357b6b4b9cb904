import Faults
import Recordings
import Testing

@testable import Reactions

let counterRecording = """
    0 open
    10 > INCR n\\r\\n
    20 < :1\\r\\n
    30 > INCR n\\r\\n
    40 < :2\\r\\n
    50 > GET n\\r\\n
    60 < $1\\r\\n2\\r\\n
    70 fin client
    80 fin server
    """

/// The recording as a replay that goes as recorded.
let counterClean = """
    0 open
    10 > 1 INCR n\\r\\n
    20 < :1\\r\\n
    30 > 2 INCR n\\r\\n
    40 < :2\\r\\n
    50 > 3 GET n\\r\\n
    60 < $1\\r\\n2\\r\\n
    70 fin client
    80 fin server
    90 probe count 0 2
    """

func duplicate(at message: UInt64, connection: UInt32 = 1) -> Strike {
    Strike(
        id: "twice@\(connection)u\(message)", rule: "twice", connection: connection,
        direction: .upstream, message: message,
        effect: .duplicate(copies: 1, afterNanoseconds: 0))
}

@Suite struct VerdictTests {
    @Test func `a doubled increment is found by what follows it and by the probe`() throws {
        let script = JudgedScript(
            recorded: counterRecording, first: counterClean,
            judged: """
                0 open
                10 > 1 INCR n\\r\\n
                20 < :1\\r\\n
                30 > 2 INCR n\\r\\n
                31 > 2.1 [twice@1u2] INCR n\\r\\n
                31 strike twice@1u2 applied
                40 < :2\\r\\n:3\\r\\n
                50 > 3 GET n\\r\\n
                60 < $1\\r\\n3\\r\\n
                70 fin client
                80 fin server
                90 probe count 0 3
                """, strikes: [duplicate(at: 2)])
        #expect(
            try script.text() == """
                failed-silently
                inconsistent at probe count [twice@1u2]
                inconsistent at connection 1, message 3 [twice@1u2]
                """)
    }
}
