import Faults
import Recordings
import Testing

@testable import weir

/// What a clean run leaves out, so that a disturbed one can be compared with it.
@Suite struct WithheldTests {
    private let transcript: Transcript
    /// How many messages connection 1 has, and how long its second one is.
    private let count: UInt64
    private let length: UInt64

    init() throws {
        var reader = try RecordingFile.reader(.path(try TestFixture().recording))
        transcript = try reader.transcript(try FramingChoice(parsing: "line"), units: .messages)
            .transcript
        let link = try #require(transcript.connection(1)).upstream
        count = link.count
        length = link.message(2).length
    }

    /// The messages that are left out where this happens to the second one.
    private func withheld(_ effect: StrikeEffect, lastMessage: UInt64 = 2) -> [UInt64] {
        let strike = Strike(
            id: "a@1u2", rule: "a", connection: 1, direction: .upstream, message: 2,
            lastMessage: lastMessage, effect: effect)
        let schedule = Withheld(Schedule(seed: 1, strikes: [strike]), in: transcript).schedule
        #expect(schedule?.conditions.isEmpty ?? true)
        return schedule?.strikes.map(\.message) ?? []
    }

    @Test func `what comes late, twice or elsewhere comes all the same`() {
        #expect(withheld(.delay(nanoseconds: 5)) == [])
        #expect(withheld(.duplicate(copies: 1, afterNanoseconds: 0)) == [])
        #expect(withheld(.reorder(with: 3...3)) == [])
        #expect(withheld(.corrupt(bits: [3])) == [])
        #expect(withheld(.stall(sentBytes: 1, nanoseconds: 5)) == [])
    }

    @Test func `a drop withholds its message, or its group`() {
        #expect(withheld(.drop) == [2])
        #expect(withheld(.drop, lastMessage: 4) == [2, 3, 4])
    }

    @Test func `a cut behind which nothing comes withholds the rest`() {
        let all = Array(2...count)
        #expect(withheld(.disconnect(Cut(sentBytes: 0, then: .stop))) == all)
        #expect(withheld(.disconnect(Cut(sentBytes: 1, then: .stop))) == all)
        #expect(
            withheld(.disconnect(Cut(sentBytes: length, then: .stop))) == Array(all.dropFirst()))
        #expect(withheld(.stall(sentBytes: 1, nanoseconds: nil)) == all)
    }

    @Test func `a message cut inside is withheld where it is not sent again`() {
        #expect(withheld(.disconnect(Cut(sentBytes: 1))) == [2])
        #expect(withheld(.disconnect(Cut(sentBytes: 1, resend: [1...2]))) == [])
        #expect(withheld(.disconnect(Cut(sentBytes: 0))) == [])
        #expect(withheld(.disconnect(Cut(sentBytes: length))) == [])
    }

    @Test func `what a run did not send is withheld too, once`() {
        let drop = Strike(
            id: "a@1u2", rule: "a", connection: 1, direction: .upstream, message: 2, effect: .drop)
        let end = Strike(
            id: "b@1d3", rule: "b", connection: 1, direction: .downstream, message: 3,
            effect: .end(Ending(.reset)))
        func withheld(_ first: UInt64) -> [UInt64] {
            let schedule = Schedule(seed: 1, strikes: [drop, end])
            return Withheld(schedule, in: transcript, unsent: [1: first]).schedule?
                .strikes.map(\.message) ?? []
        }
        #expect(withheld(count - 1) == [2, count - 1, count])
        #expect(withheld(2) == Array(2...count))
        #expect(withheld(count + 1) == [2], "all was sent")
        #expect(Withheld(Schedule(seed: 1), in: transcript, unsent: [99: 1]).schedule == nil)
    }

    @Test func `a schedule that withholds nothing has no other baseline`() {
        #expect(Withheld(Schedule(seed: 1), in: transcript).schedule == nil)
        let skipped = Strike(
            id: "a@1u2", rule: "a", connection: 1, direction: .upstream, message: 2, effect: .drop,
            state: .skipped(reason: "why not"))
        #expect(Withheld(Schedule(seed: 1, strikes: [skipped]), in: transcript).schedule == nil)
    }
}
