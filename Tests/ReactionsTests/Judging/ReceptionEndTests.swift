import Faults
import Recordings
import Testing

@testable import Reactions

/// Strikes after which Weir receives no more, as the client: what it did not send because of them,
/// and what did not come behind them, accuses nobody.
@Suite struct ReceptionEndTests {
    private let gets = DrawnConsumer(messages: Array(repeating: #"GET n\r\n"#, count: 10))
    private let value = #"$1\r\n7\r\n"#

    private func strike(_ effect: StrikeEffect) -> Strike {
        Strike(
            id: "end@1d5", rule: "end", connection: 1, direction: .downstream, message: 5,
            effect: effect)
    }

    /// All is sent, and answered up to the message `answered`.
    private func lines(answered: Int) -> [String] {
        gets.replay { number, _ in number <= answered ? .answer(value) : .nothing }
            .split(separator: "\n").map(String.init)
    }

    /// Cut when message 6 was sent: 7 to 10 are not.
    private func cut(_ ending: String) -> String {
        (lines(answered: 5).filter { line in
            !line.contains("fin ") && !(7...10).contains { line.contains("> \($0) ") }
        } + [
            "600000001 c1 strike end@1d5 applied", "600000002 c1 \(ending)",
            "9000000000 probe sum 0 6",
        ]).joined(separator: "\n")
    }

    private func script(_ judged: String, _ effect: StrikeEffect) -> JudgedScript {
        JudgedScript(
            recorded: gets.recorded { _ in value },
            first: gets.replay { _, _ in .answer(value) } + "\n9000000000 probe sum 0 6",
            judged: judged, strikes: [strike(effect)])
    }

    @Test(arguments: [
        Faults.Ending(.reset), Faults.Ending(.limitData, sentBytes: 2, how: .finish),
        Faults.Ending(.timeout, sentBytes: 0, how: .finish, silenceNanoseconds: 1),
    ])
    func `an end where Weir receives lets what it did not send never arrive`(
        _ ending: Faults.Ending
    ) throws {
        let how = ending.how == .finish ? "fin weir" : "reset weir"
        let script = script(cut(how), .end(ending))
        let run = try script.observation(of: script.judged, isClean: false)
        #expect(run.unsent == [1: 7])
        let judgement = try script.judgement()
        #expect(judgement.symptoms == [])
        #expect(judgement.verdict == .tolerated, "\(judgement.reasons)")
        #expect(judgement.coverage.answers == 5)
    }

    @Test func `the clean runs that it is held against may leave out what was not sent`() throws {
        var script = script(cut("reset weir"), .end(Faults.Ending(.reset)))
        script.judged = script.judged.replacing("sum 0 6", with: "sum 0 3")
        #expect(try script.text().hasPrefix("failed-silently\ninconsistent at probe sum"))
        let less = script.first.split(separator: "\n").filter { line in
            !(7...10).contains { line.contains("> \($0) ") || line.hasPrefix("\($0)01000000 c1 <") }
        }.joined(separator: "\n")
        script.first = less.replacing("sum 0 6", with: "sum 0 3")
        #expect(try script.text() == "tolerated")
    }

    @Test func `behind a stall for ever where Weir receives no answer is missed`() throws {
        let judged =
            lines(answered: 5).joined(separator: "\n")
            + "\n9000000000 strike end@1d5 applied\n9000000000 probe sum 0 6"
        let judgement = try script(judged, .stall(sentBytes: 0, nanoseconds: nil)).judgement()
        #expect(judgement.symptoms == [])
        #expect(judgement.verdict == .tolerated, "\(judgement.reasons)")
        let without = try script(
            judged.replacing("applied", with: "skipped"), .stall(sentBytes: 0, nanoseconds: nil)
        ).judgement()
        #expect(without.symptomCounts[.partial] == 5)
    }

    @Test func `pushes and bytes behind it are not missed either`() throws {
        let clean = """
            0 open
            10 > 1 a
            20 < one
            30 < two
            40 fin client
            41 fin server
            90 probe sum 0 6
            """
        let script = JudgedScript(
            recorded: clean.replacing("> 1 a", with: "> a"), first: clean,
            judged: """
                0 open
                10 > 1 a
                20 < one
                21 strike end@1d5 applied
                22 reset weir
                90 probe sum 0 6
                """, framing: .none, strikes: [strike(.end(Faults.Ending(.reset)))])
        #expect(try script.text() == "tolerated")
        // No clean run can leave out bytes that are no messages: what a probe says is nobody's.
        var probed = script
        probed.judged = script.judged.replacing("sum 0 6", with: "sum 0 3")
        let judgement = try probed.judgement()
        #expect(judgement.verdict == .inconclusive)
        #expect(judgement.symptoms == [])
        #expect(judgement.reasons.first?.hasPrefix("a probe differs where a strike cut") == true)
        var touched = Observation()
        touched.unsent = [1: 2]
        #expect(TouchedMessages(of: touched).isStopped(connection: 1))
        #expect(TouchedMessages(of: touched).isTouched(connection: 1))
    }

    @Test func `where the consumer dials, what comes ends nothing that Weir sends`() throws {
        var script = script(cut("reset weir"), .end(Faults.Ending(.reset)))
        script.consumer = .client
        #expect(try script.observation(of: script.judged, isClean: false).unsent.isEmpty)
    }

    @Test func `each repeat is held against the clean runs of what it sent itself`() throws {
        var script = script(cut("reset weir"), .end(Faults.Ending(.reset)))
        let whole = try script.baseline()
        var inquiry = LatenessInquiry(
            whole, try script.observation(of: script.judged, isClean: false))
        script.judged = script.judged.replacing("sum 0 6", with: "sum 0 5")
        let other = try script.observation(of: script.judged, isClean: false)
        script.first = script.first.replacing("sum 0 6", with: "sum 0 5")
        inquiry.receive(other, against: try script.baseline())
        #expect(inquiry.judge().judgement.verdict == .tolerated)
    }
}
