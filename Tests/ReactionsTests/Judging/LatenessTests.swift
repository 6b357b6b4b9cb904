import Faults
import Recordings
import Testing

@testable import Reactions

/// What is late counts where it is late again: runs drawn by which of forty answers are late.
@Suite struct LatenessTests {
    private let value = #"$1\r\n7\r\n"#

    /// A run of one schedule.
    private struct Drawn {
        /// Messages whose answers take 90 ms.
        var late: Set<Int> = []
        /// Messages with another answer.
        var wrong: Set<Int> = []
        /// When strikes of this id are applied, in milliseconds.
        var strikes: [(id: String, milliseconds: Int64)] = []
        var crashes = false
        var ending = RunEnding.completed
    }

    private var strikes: [Strike] = []
    private var conditions: [Condition] = []
    private var isUnstable = false

    private func script(_ drawn: Drawn) -> JudgedScript {
        var consumer = DrawnConsumer(messages: Array(repeating: #"GET n\r\n"#, count: 40))
        let clean = consumer.replay { _, _ in .answer(value, milliseconds: 2) }
        consumer.notes = drawn.strikes.map { ($0.milliseconds, "strike \($0.id) applied") }
        if drawn.crashes { consumer.notes.append((5_900, "exit 3")) }
        let judged = consumer.replay { number, _ in
            .answer(
                drawn.wrong.contains(number) ? #"$1\r\n8\r\n"# : value,
                milliseconds: drawn.late.contains(number) ? 90 : 2)
        }
        return JudgedScript(
            recorded: consumer.recorded { _ in value }, first: clean,
            second: isUnstable ? clean.replacing("7", with: "9") : nil, judged: judged,
            strikes: strikes, conditions: conditions,
            asksForFaults: !(strikes.isEmpty && conditions.isEmpty), hasReset: !isUnstable,
            ending: drawn.ending)
    }

    private func inquiry(_ runs: [Drawn]) throws -> LatenessInquiry {
        let baseline = try script(Drawn()).baseline()
        func observation(_ drawn: Drawn) throws -> Observation {
            let script = script(drawn)
            let isClean = !script.asksForFaults && drawn.ending == .completed
            return try script.observation(of: script.judged, isClean: isClean)
        }
        var inquiry = LatenessInquiry(baseline, try observation(runs[0]))
        for run in runs.dropFirst() where inquiry.asksForRepeat {
            inquiry.receive(try observation(run))
        }
        return inquiry
    }

    /// The verdict, the symptoms, and what became of the repeats.
    private func text(_ runs: Drawn...) throws -> String {
        let inquiry = try inquiry(runs)
        let (run, judgement) = inquiry.judge()
        var lines = [judgement.verdict.rawValue + (run > 0 ? " in repeat \(run)" : "")]
        lines += judgement.symptoms.map(JudgedScript.line)
        if let repeats = judgement.repeats {
            lines.append(
                "\(repeats.runs) repeats, \(repeats.alike) alike, \(repeats.lateAgain) late again, "
                    + "\(repeats.notLateAgain) not")
        }
        if inquiry.asksForRepeat { lines.append("asks for more") }
        return lines.joined(separator: "\n")
    }

    @Test func `a run in which nothing is late is not repeated`() throws {
        #expect(try text(Drawn()) == "tolerated")
    }

    @Test func `what is not late again is no symptom, and one repeat is enough`() throws {
        #expect(
            try text(Drawn(late: [7]), Drawn(), Drawn(late: [7]), Drawn(late: [7])) == """
                tolerated
                1 repeats, 2 alike, 0 late again, 1 not
                """)
    }

    @Test func `what is late again at its place twice stands`() throws {
        #expect(
            try text(Drawn(late: [7]), Drawn(late: [7]), Drawn(late: [7]), Drawn()) == """
                recovered
                delayed at connection 1, message 7 (no effect)
                2 repeats, 3 alike, 1 late again, 0 not
                """)
    }

    @Test func `what is late again once is what a busy machine does`() throws {
        #expect(
            try text(Drawn(late: [7]), Drawn(late: [7]), Drawn()) == """
                tolerated
                2 repeats, 3 alike, 0 late again, 1 not
                """)
    }

    @Test func `another message of its connection is another place`() throws {
        #expect(
            try text(Drawn(late: [7]), Drawn(late: [8])) == """
                tolerated
                1 repeats, 2 alike, 0 late again, 1 not
                """)
        #expect(
            try text(Drawn(late: [7]), Drawn(late: [7]), Drawn(late: [6, 30])) == """
                tolerated
                2 repeats, 3 alike, 0 late again, 1 not
                """)
    }

    @Test func `each late answer is decided by itself`() throws {
        #expect(
            try text(Drawn(late: [7, 20]), Drawn(late: [20]), Drawn(late: [20, 30])) == """
                recovered
                delayed at connection 1, message 20 (no effect)
                2 repeats, 3 alike, 1 late again, 1 not
                """)
    }

    @Test func `a last answer that is late once is no failure`() throws {
        let late = Drawn(late: [40])
        #expect(try text(late, Drawn()).hasPrefix("tolerated\n"))
        #expect(try text(late, late, late).hasPrefix("failed-silently\n"))
    }

    @Test func `what is wrong beside it stands as it was found`() throws {
        #expect(
            try text(Drawn(late: [7], wrong: [9]), Drawn()) == """
                failed-silently
                inconsistent at connection 1, message 9
                1 repeats, 1 alike, 0 late again, 1 not
                """)
    }

    @Test func `a repeat that is worse is the one that counts`() throws {
        #expect(
            try text(Drawn(late: [7]), Drawn(wrong: [9])) == """
                failed-silently in repeat 1
                inconsistent at connection 1, message 9
                1 repeats, 1 alike, 0 late again, 0 not
                """)
        #expect(
            try text(Drawn(late: [7]), Drawn(late: [7]), Drawn(crashes: true))
                .hasPrefix("failed-loudly in repeat 2\ncrashed at the consumer's process"))
    }

    @Test func `a repeat that says nothing takes the place of nothing`() throws {
        let cut = Drawn(ending: .unreadable("the disk"))
        #expect(try text(Drawn(late: [7]), cut).hasPrefix("tolerated\n1 repeats, 1 alike"))
    }

    // MARK: - Behind strikes and conditions

    private func struck() -> LatenessTests {
        var tests = self
        tests.strikes = [5, 25].map { message in
            Strike(
                id: "hold@1u\(message)", rule: "hold", connection: 1, direction: .upstream,
                message: message, effect: .delay(nanoseconds: 1))
        }
        return tests
    }

    /// Both strikes are applied, behind messages 5 and 25.
    private func held(_ late: Set<Int>) -> Drawn {
        Drawn(late: late, strikes: [("hold@1u5", 550), ("hold@1u25", 2_550)])
    }

    @Test func `elsewhere behind the same strike is late again, if it is so each time`() throws {
        #expect(
            try struck().text(held([7]), held([20]), held([9])) == """
                recovered
                delayed at connection 1, message 7 (no effect) [hold@1u5]
                2 repeats, 3 alike, 1 late again, 0 not
                """)
        // Now at its place, now elsewhere.
        #expect(try struck().text(held([7]), held([7]), held([9])).hasPrefix("recovered\n"))
        #expect(
            try struck().text(held([7]), held([20]), held([])) == """
                tolerated
                2 repeats, 3 alike, 0 late again, 1 not
                """)
    }

    @Test func `elsewhere behind another strike, or before all of them, is not`() throws {
        for second in [30, 3] {
            #expect(
                try struck().text(held([7]), held([20]), held([second])) == """
                    tolerated
                    2 repeats, 3 alike, 0 late again, 1 not
                    """)
        }
    }

    @Test func `under a condition alone each repeat has to be late somewhere`() throws {
        var tests = self
        tests.conditions = [
            Condition(
                id: "slow", effect: .latency(Latency(latencyNanoseconds: 1_000_000)),
                direction: .upstream)
        ]
        let once = try tests.text(Drawn(late: [7]), Drawn(late: [20]), Drawn())
        #expect(once == "tolerated\n2 repeats, 3 alike, 0 late again, 1 not")
        let always = try tests.text(Drawn(late: [7]), Drawn(late: [20]), Drawn(late: [30]))
        #expect(
            always == """
                recovered
                delayed at connection 1, message 7 (no effect) [slow]
                2 repeats, 3 alike, 1 late again, 0 not
                """)
    }

    @Test func `blame knows a late answer again by its place or by its strike`() {
        func late(_ message: UInt64, _ suspects: [String]) -> Symptom {
            Symptom(
                .delayed, .answer(connection: 1, attempt: 1, message: message),
                at: Instant(nanoseconds: 5), isEffect: false, suspects: suspects,
                evidence: .words(""))
        }
        #expect(late(7, []).isAgain(late(7, ["b"])))
        #expect(late(7, ["a", "b"]).isAgain(late(9, ["a"])))
        #expect(!late(7, ["a", "b"]).isAgain(late(9, ["b", "a"])))
        #expect(!late(7, []).isAgain(late(9, [])))
        var elsewhere = late(9, ["a"])
        elsewhere.place = .answer(connection: 2, attempt: 1, message: 9)
        #expect(!late(7, ["a"]).isAgain(elsewhere), "another connection has the machine's hiccups")
        var wrong = late(9, ["a"])
        wrong.kind = .partial
        #expect(!late(7, ["a"]).isAgain(wrong))
    }

    // MARK: - What is not repeated

    @Test func `before it is repeated nothing is called tolerated`() throws {
        let (_, judgement) = try inquiry([Drawn(late: [7, 9])]).judge()
        #expect(judgement.verdict == .inconclusive)
        #expect(judgement.symptoms.isEmpty && judgement.repeats == nil)
        #expect(judgement.reasons.first?.contains("2 answers came late, and") == true)
        #expect(try inquiry([Drawn(late: [7, 9])]).openCount == 2)
        // What else is wrong is wrong all the same.
        let failed = try text(Drawn(late: [7], wrong: [9]))
        #expect(
            failed == """
                failed-silently
                inconsistent at connection 1, message 9
                asks for more
                """)
    }

    @Test func `where nothing hangs on it nothing is repeated`() throws {
        var tests = self
        tests.isUnstable = true
        #expect(
            try tests.text(Drawn(late: [7]), Drawn())
                .hasSuffix("delayed at connection 1, message 7 (no effect)"))
        #expect(
            try text(Drawn(late: [7], ending: .interrupted), Drawn()) == """
                inconclusive
                delayed at connection 1, message 7 (no effect)
                """)
    }

    @Test func `a third clean run makes no baseline unstable that is late once`() throws {
        func baseline(_ repeats: Drawn...) throws -> Baseline {
            var baseline = try script(Drawn()).baseline()
            baseline.take(
                thirdCleanRun: try inquiry([Drawn(late: [7])] + repeats).judge().judgement)
            return baseline
        }
        let once = try baseline(Drawn(late: [8]))
        #expect(once.isStable)
        #expect(
            once.account.repeats == Repeats(runs: 1, alike: 2, lateAgain: 0, notLateAgain: 1))
        #expect(try !baseline(Drawn(late: [7]), Drawn(late: [7])).isStable)
    }
}
