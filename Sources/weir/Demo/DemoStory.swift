import Reactions
import Reports
import Text

/// The demo's outcome as a person reads it.
struct DemoStory {
    let outcome: DemoOutcome

    var text: String {
        let parts =
            [headline, steps, verdicts] + outcome.trials.compactMap(account) + [verdict, next]
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }
            .joined(separator: "\n")
    }

    private var headline: [String] {
        ["a small payment ledger, recorded and tested with faults (seed \(outcome.seed))"]
    }

    private var steps: [String] {
        let recorded = outcome.recorded
        let time = TimeAmount(nanoseconds: recorded.nanoseconds).forPeople
        var table = TextTable([.init(""), .init("")])
        table.append([
            "1 recorded",
            "\(recorded.connections) connections with \(recorded.requests) pipelined requests "
                + "and as many answers in \(time)",
        ])
        table.append(["2 planned", DemoPlan.arguments])
        table.append(["", planned])
        table.append([
            "3 tested",
            "three editions of the ledger: each without faults, with all of them, and where it "
                + "breaks",
        ])
        table.append(["", "again with fewer, to prove which strike is behind it"])
        table.append([
            "4 stood in",
            "for the ledger, with a client that dials again when its connection is cut",
        ])
        return table.lines()
    }

    private var planned: String {
        "each request held for up to 10 ms; \(outcome.planned("reorder")) reordered, "
            + "\(outcome.planned("duplicate")) sent twice, "
            + "\(outcome.planned("disconnect")) cut off and resent"
    }

    private var verdicts: [String] {
        var table = TextTable([
            .init("consumer"), .init("strikes", .right), .init("compared"), .init("verdict"),
            .init("symptoms"),
        ])
        for trial in outcome.trials {
            let judgement = trial.disturbed ?? Judgement(trial.result.verdict)
            table.append([
                trial.subject.name, "\(judgement.strikes.applied)",
                Self.compared(judgement.coverage),
                trial.result.verdict.words, Self.kinds(judgement),
            ])
        }
        return table.lines()
    }

    private static func compared(_ coverage: Coverage) -> String {
        coverage.answers > 0 || coverage.requests == 0
            ? "\(coverage.answers) answers" : "\(coverage.requests) requests"
    }

    private static func kinds(_ judgement: Judgement) -> String {
        let kinds = Symptom.Kind.allCases.filter { judgement.symptomCounts[$0, default: 0] > 0 }
        return kinds.isEmpty ? "none" : kinds.map(\.rawValue).joined(separator: ", ")
    }

    /// What one of them shows, and what was found behind it; nil where there is nothing to say.
    private func account(_ trial: DemoTrial) -> [String]? {
        guard let symptom = trial.shown else { return nil }
        var table = TextTable([.init(""), .init("")])
        let verdict = trial.result.verdict.words
        table.append(["shows", "\(symptom.kind.rawValue): \(symptom.sentence)"])
        for (name, value) in Self.sides(of: symptom) { table.append([name, value]) }
        // What is not proved hangs on which came first.
        if symptom.blame != nil { table.append(["strike", symptom.strikeList]) }
        if let strike = symptom.blame?.strikes.first, case .ledger = trial.subject,
            let consequence = outcome.consequence(of: strike)
        {
            for line in consequence.story.split(separator: "\n") { table.append(["", "\(line)"]) }
        }
        if symptom.blame != nil { table.append(["how sure", symptom.proof]) }
        table.append(["said so?", Self.loudness(of: symptom)])
        var lines = ["\(trial.subject.name): \(verdict)"] + table.lines(indent: 2)
        if let shrunk = trial.shrunk {
            lines += ["", "  weir shrink \(shellQuoted(trial.folder))"]
            lines += shrunk.split(separator: "\n", omittingEmptySubsequences: false)
                .dropLast().map { $0.isEmpty ? "" : "    \($0)" }
        }
        return lines
    }

    private static func sides(of symptom: Symptom) -> [(String, String)] {
        guard case .bytes(let difference) = symptom.evidence else { return [] }
        let shown = 48
        let same = zip(difference.expected, difference.actual).prefix { $0 == $1 }.count
        let start = max(0, same - 12)
        func side(_ bytes: [UInt8]) -> String {
            let part = Array(bytes.dropFirst(start).prefix(shown))
            return (start > 0 || difference.excerptOffset > 0 ? "…" : "")
                + "\(EscapedText(part.span))"
        }
        return [("expected", side(difference.expected)), ("actual", side(difference.actual))]
    }

    /// The ways in which it was said, each once: which line came first hangs on the machine.
    private static func loudness(of symptom: Symptom) -> String {
        guard symptom.isLoud else { return "silent: it said nothing" }
        let ways = LoudSign.How.allCases.filter { way in
            symptom.signs.contains { $0.how == way }
        }
        return "loud: " + ways.map(\.rawValue).joined(separator: ", ")
    }

    private var verdict: [String] {
        switch outcome.verdict {
        case .shown:
            [
                "Every answer of the naive ledger was the right one; only its balances tell. The "
                    + "careful one",
                "knows a payment by its id and a statement by its version: the same strikes, and "
                    + "it is right.",
            ]
        case .harmless:
            [
                "Some of these strikes did no harm, so not all was shown; another seed may: "
                    + "weir demo --seed \(outcome.seed &+ 1)"
            ]
        case .defect(let what): ["NOT AS IT MUST BE: \(what); please report this with the folder"]
        }
    }

    /// Commands that work as they are printed.
    private var next: [String] {
        let recording = shellQuoted(outcome.recorded.path)
        let folder = shellQuoted(outcome.folder)
        let seeded = "\(DemoPlan.arguments) --seed \(outcome.seed)"
        return [
            "kept in \(EscapedText(outcome.folder)): the recording, and a folder for each test",
            "all of the evidence  weir report \(folder)/naive",
            "what was said        weir show \(recording) --messages --connection 1",
            "what would strike    weir plan \(recording) \(seeded)",
            "a ledger by hand     weir demo --serve naive --listen :7411",
            "attack it            weir replay \(recording) --to :7411 \(seeded)",
            "and ask it           weir demo --ask :7411",
        ]
    }
}

extension DemoTrial {
    /// The symptom that is shown: one that makes a failure, of the earliest place.
    var shown: Symptom? {
        guard result.verdict != .tolerated, let judgement = disturbed else { return nil }
        let effects = judgement.symptoms.filter(\.isEffect)
        let silent = judgement.symptoms.filter { $0.kind == .silentRetry }
        let candidates = effects.isEmpty ? silent : effects
        let proved = candidates.filter { $0.blame?.isSettled ?? false }
        return (proved.isEmpty ? candidates : proved).min { left, right in
            (left.place.connection ?? 0, left.place.message ?? 0)
                < (right.place.connection ?? 0, right.place.message ?? 0)
        }
    }
}
