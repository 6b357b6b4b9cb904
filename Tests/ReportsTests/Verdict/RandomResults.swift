import Recordings
import Text

@testable import Reactions
@testable import Reports

/// Results of any shape, from a seed (SplitMix64).
struct RandomResults {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    private mutating func list<Element>(
        upTo count: Int, _ element: (inout RandomResults) -> Element
    ) -> [Element] {
        (0..<below(count + 1)).map { _ in element(&self) }
    }

    private mutating func maybe<Element>(_ element: (inout RandomResults) -> Element) -> Element? {
        below(2) == 0 ? nil : element(&self)
    }

    /// Small ones, large ones and the largest.
    private mutating func count() -> UInt64 {
        switch below(4) {
        case 0: 0
        case 1: .max
        case 2: next()
        default: UInt64(below(100))
        }
    }

    private mutating func number() -> Int64 { pick([.min, -1, 0, 1, .max, Int64(below(9_999))]) }

    mutating func bytes() -> [UInt8] { list(upTo: 20) { UInt8(truncatingIfNeeded: $0.next()) } }

    mutating func text() -> String {
        let pieces = [
            "a", "GET", " ", "\"", "\\", "\n", "\u{0}", "\u{1b}[2J", "é", "漢字", "👩‍👩‍👧", "]]>", "|",
            "\u{9b}", "\u{fffe}", "\u{202e}", "<b>", "&", "`", "redelivery@3u17",
        ]
        return list(upTo: 5) { $0.pick(pieces) }.joined()
    }

    mutating func result() -> TestResult {
        let framings = ["none", "redis", "line", "line:pairing=none"]
        var result = TestResult(
            verdict: pick(Verdict.allCases),
            test: TestResult.About(
                recording: text(), identity: text(),
                framing: (try? FramingChoice(parsing: pick(framings))) ?? .none, consumer: text(),
                started: Timestamp(nanoseconds: max(-1, number())), folder: text(),
                repeating: text()),
            baseline: BaselineAccount(
                cleanRuns: below(4), unstable: list(upTo: 2) { $0.text() }, masked: reasons(),
                limits: list(upTo: 3) { random in
                    BaselineAccount.Limit(
                        kind: random.text(), samples: random.count(),
                        p99Nanoseconds: random.number(),
                        limitNanoseconds: random.maybe { $0.number() })
                }),
            runs: list(upTo: 3) { random in
                TestResult.JudgedRun(
                    seed: random.count(), folder: random.text(), nanoseconds: random.number(),
                    judgement: random.judgement())
            },
            expectations: list(upTo: 3) { random in
                ExpectationResult(
                    text: random.text(), held: random.maybe { $0.below(2) == 0 },
                    found: random.text())
            })
        result.baseline.repeats = maybe { $0.repeats() }
        return result
    }

    private mutating func repeats() -> Repeats {
        let runs = max(1, count())
        return Repeats(
            runs: runs, alike: pick([1, runs]), lateAgain: count(), notLateAgain: count())
    }

    private mutating func reasons() -> [Coverage.Reason] {
        list(upTo: 3) { Coverage.Reason($0.text(), $0.count()) }
    }

    private mutating func judgement() -> Judgement {
        var judgement = Judgement(pick(Verdict.allCases))
        judgement.reasons = list(upTo: 3) { $0.text() }
        judgement.symptoms = list(upTo: 4) { $0.symptom() }
        for kind in Symptom.Kind.allCases where below(2) == 0 {
            judgement.symptomCounts[kind] = count()
        }
        judgement.strikes.planned = count()
        judgement.strikes.applied = count()
        judgement.strikes.preempted = count()
        judgement.strikes.skipped = count()
        judgement.strikes.preemptedBefore = count()
        judgement.strikes.skippedBefore = count()
        judgement.strikes.conditions = count()
        judgement.recoveryNanoseconds = maybe { $0.number() }
        judgement.repeats = maybe { $0.repeats() }
        judgement.coverage.answers = count()
        judgement.coverage.pushes = count()
        judgement.coverage.turns = count()
        judgement.coverage.probes = count()
        judgement.coverage.notCompared = reasons()
        judgement.coverage.maskedTokens = count()
        judgement.coverage.tokens = count()
        judgement.coverage.notObservable = list(upTo: 2) { $0.pick(Symptom.Kind.allCases) }
        judgement.coverage.notTried = list(upTo: 2) { $0.text() }
        judgement.coverage.tooFewToSay = reasons()
        return judgement
    }

    mutating func symptom() -> Symptom {
        Symptom(
            pick(Symptom.Kind.allCases), place(), at: Instant(nanoseconds: number()),
            isEffect: below(2) == 0, suspects: list(upTo: 3) { $0.text() }, evidence: evidence(),
            signs: list(upTo: 2) { random in
                LoudSign(
                    random.pick(LoudSign.How.allCases), at: Instant(nanoseconds: random.number()),
                    random.text())
            },
            blame: maybe { random in
                Blame(
                    strikes: random.list(upTo: 2) { $0.text() }, with: random.blameCount(),
                    without: random.blameCount(), notes: random.list(upTo: 2) { $0.text() })
            })
    }

    private mutating func blameCount() -> Blame.Count {
        let runs = below(5)
        return Blame.Count(below(runs + 1), of: runs)
    }

    private mutating func place() -> Symptom.Place {
        let connection = UInt32(truncatingIfNeeded: next())
        let attempt = UInt16(truncatingIfNeeded: next())
        switch below(6) {
        case 0: return .answer(connection: connection, attempt: attempt, message: count())
        case 1: return .push(connection: connection, attempt: attempt, number: count())
        case 2: return .turn(connection: connection, attempt: attempt, number: count())
        case 3: return .connection(connection, message: maybe { $0.count() })
        case 4: return .probe(text())
        default: return .process
        }
    }

    private mutating func evidence() -> Symptom.Evidence {
        switch below(6) {
        case 0:
            .bytes(
                Difference(
                    offset: count(), excerptOffset: count(), expected: bytes(), actual: bytes(),
                    expectedBytes: count()))
        case 1: .missing(expected: bytes(), expectedBytes: count())
        case 2:
            .lateness(
                serviceNanoseconds: number(), limitNanoseconds: number(),
                cleanP99Nanoseconds: number(), samples: count())
        case 3: .exitCode(expected: Int32(below(256)), actual: pick([.min, -1, .max]))
        case 4: .resent(times: count(), request: bytes())
        default: .words(text())
        }
    }
}
