import Recordings
import Testing

@testable import Faults

@Suite struct ForcedReorderTests {
    private func reorders(_ rule: String) throws -> [Strike] {
        try schedule(try plan([rule]), Traffic(threeThenTwo)).strikes
    }

    @Test func `a forced reorder changes place with the next message, in its flight or not`() throws
    {
        let strikes = try reorders("reorder force=yes messages=2,3,5")
        #expect(
            strikes.map(inWords) == [
                "reorder@1u2 with=3", "reorder@1u3 with=4 < reorder@1u2",
                "reorder@1u5 - no message stands behind it",
            ])
    }

    @Test func `it is a violation where its pair is not in one flight`() throws {
        #expect(
            try reorders("reorder force=yes messages=2,4").map(\.label)
                == [.delivery, .violation])
        let bytes = ScheduleWriter.bytes(
            try schedule(try plan(["reorder force=yes messages=4"]), Traffic(threeThenTwo)))
        #expect(try ScheduleFile.read(bytes, file: "s").schedule.strikes[0].label == .violation)
    }

    @Test func `without force nothing changes`() throws {
        #expect(try reorders("reorder") == (try reorders("reorder force=no")))
        #expect(
            try reorders("reorder messages=3").map(inWords)
                == ["reorder@1u3 - no neighbour in flight"])
    }
}
