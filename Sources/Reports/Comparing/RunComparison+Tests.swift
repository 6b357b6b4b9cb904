import Reactions
import Recordings
import Text

/// Two tests, side by side: the same runs with each other, where they have any in common: by their
/// folders, because a regression may have the same seed as another; and then by their seeds.
extension RunComparison {
    package init(
        _ one: TestResult, in first: String, with other: TestResult, in second: String
    ) {
        self.init(first: first, second: second)
        if one.test.identity != other.test.identity {
            note("the recordings are not the same: \(one.test.recording), \(other.test.recording)")
        }
        if one.verdict != other.verdict {
            add(.verdict, "the whole test", one.verdict.words, other.verdict.words)
        }
        var pairs = Self.pairs(one, other)
        if pairs.isEmpty, let run = one.decidingRun, let second = other.decidingRun {
            note("no seed is in both; the runs that earned the verdicts are compared")
            pairs = [(run, second)]
        }
        for (one, other) in pairs { compare(one, other) }
        compare(one.expectations, other.expectations)
        compared = [
            UInt64(pairs.count).counted("seed"),
            UInt64(one.expectations.count).counted("expectation"),
        ]
        let left = max(one.runs.count, other.runs.count) - pairs.count
        if left > 0 {
            note("\(UInt64(left).counted("run")) of one without a counterpart in the other")
        }
    }

    private static func pairs(
        _ one: TestResult, _ other: TestResult
    ) -> [(TestResult.JudgedRun, TestResult.JudgedRun)] {
        typealias Run = TestResult.JudgedRun
        var others = Dictionary(
            other.runs.enumerated().map { ($1.place, $0) }, uniquingKeysWith: { first, _ in first })
        var pairs: [(Run, Run)] = []
        var single: [Run] = []
        var taken: Set<Int> = []
        for run in one.runs {
            if let index = others.removeValue(forKey: run.place) {
                pairs.append((run, other.runs[index]))
                taken.insert(index)
            } else if run.regression == nil {
                single.append(run)
            }
        }
        var seeds = Dictionary(
            other.runs.indices.filter {
                !taken.contains($0) && other.runs[$0].regression == nil
            }.map { (other.runs[$0].seed, $0) }, uniquingKeysWith: { first, _ in first })
        for run in single {
            if let index = seeds.removeValue(forKey: run.seed) {
                pairs.append((run, other.runs[index]))
            }
        }
        return pairs
    }

    private mutating func compare(_ one: TestResult.JudgedRun, _ other: TestResult.JudgedRun) {
        let isOfBoth = one.regression == other.regression && one.seed == other.seed
        let seed = one.title + (isOfBoth ? "" : " and \(other.title)")
        let (first, second) = (one.judgement, other.judgement)
        if first.verdict != second.verdict {
            add(.verdict, seed, first.verdict.words, second.verdict.words)
        }
        func only(_ symptoms: [Symptom], notIn others: [Symptom]) -> [Symptom] {
            symptoms.filter { symptom in !others.contains { $0.isSame(as: symptom) } }
        }
        for group in SymptomGroup.groups(only(second.symptoms, notIn: first.symptoms)) {
            add(.newSymptom, "\(seed): \(group.first.kind.words): \(group.sentence)", "", "shown")
        }
        for group in SymptomGroup.groups(only(first.symptoms, notIn: second.symptoms)) {
            add(.goneSymptom, "\(seed): \(group.first.kind.words): \(group.sentence)", "shown", "")
        }
        for (symptom, other) in first.symptoms.compactMap({ symptom in
            second.symptoms.first { $0.isSame(as: symptom) }.map { (symptom, $0) }
        }) where symptom.evidence != other.evidence {
            guard case .bytes = symptom.evidence else { continue }
            add(.answer, "\(seed): \(symptom.place.words)", symptom.shown, other.shown)
        }
        for (word, count, second) in [
            ("applied", first.strikes.applied, second.strikes.applied),
            ("planned", first.strikes.planned, second.strikes.planned),
        ] where count != second {
            add(.strike, "\(seed): strikes \(word)", count.grouped, second.grouped)
        }
    }

    private mutating func compare(_ ones: [ExpectationResult], _ others: [ExpectationResult]) {
        for expectation in ones {
            // A linear search: expectations are few.
            guard let other = others.first(where: { $0.text == expectation.text }) else {
                note("\(expectation.text) is expected of the first only")
                continue
            }
            guard expectation.held != other.held else { continue }
            add(
                .expectation, "\(PrintableText(expectation.text, limit: 80))", expectation.outcome,
                other.outcome)
        }
        for expectation in others where !ones.contains(where: { $0.text == expectation.text }) {
            note("\(expectation.text) is expected of the second only")
        }
    }
}

extension Symptom {
    /// What was there instead.
    fileprivate var shown: String {
        switch evidence {
        case .bytes(let difference): "\"\(EscapedText(difference.actual.span, limit: 40))\""
        default: sentence
        }
    }
}

extension ExpectationResult {
    fileprivate var outcome: String {
        switch held {
        case true?: "held"
        case false?: "did not hold (\(PrintableText(found, limit: 100)))"
        case nil: "could not be decided"
        }
    }
}
