import Text

/// The demo's outcome as a person reads it.
struct DemoStory {
    let outcome: DemoOutcome

    var text: String {
        let parts = [headline, steps, runs] + wrongs + [verdict, next]
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }
            .joined(separator: "\n")
    }

    private var headline: [String] {
        ["a small payment ledger, recorded and replayed with faults (seed \(outcome.seed))"]
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
            "3 replayed", "to the naive ledger as it was, then to both editions, disturbed alike",
        ])
        table.append([
            "4 asked",
            "each ledger for its \(accounts) balances over a new connection, after its replay",
        ])
        return table.lines()
    }

    private var planned: String {
        let words = [
            "reorder": "reordered", "duplicate": "sent twice", "disconnect": "cut off and resent",
        ]
        let struck = outcome.rules.filter { words[$0.name] != nil }
            .map { "\($0.planned) \(words[$0.name] ?? "")" }
        return "each request held for up to 10 ms; " + struck.joined(separator: ", ")
    }

    private var accounts: Int { outcome.runs.first?.balances.accounts ?? 0 }

    private var runs: [String] {
        var table = TextTable([
            .init("ledger"), .init("strikes", .right), .init("answers as recorded", .right),
            .init("different", .right), .init("errors", .right), .init("wrong balances", .right),
        ])
        for run in outcome.runs {
            table.append([
                run.name, "\(run.strikes.applied)", "\(run.answers.same)",
                "\(run.answers.different)", "\(run.answers.errors)",
                run.balances.wrong.isEmpty
                    ? "none" : "\(run.balances.wrong.count) of \(run.balances.accounts)",
            ])
        }
        return table.lines()
    }

    /// A part for each ledger that is wrong: which balances, and through which strikes.
    private var wrongs: [[String]] {
        outcome.runs.filter { !$0.balances.wrong.isEmpty }.flatMap { run in
            [wrongBalances(of: run), examples(of: run)]
        }
    }

    private func wrongBalances(of run: DemoOutcome.Run) -> [String] {
        var table = TextTable([
            .init("account"), .init("must be", .right), .init("is", .right),
            .init("wrong by", .right), .init("exposed to"), .init("which alone makes", .right),
        ])
        for wrong in run.balances.wrong {
            let own = run.consequences.filter { $0.shifts[wrong.account] != nil }
            var cells = [
                wrong.account, "\(wrong.expected)", wrong.actual.map { "\($0)" } ?? "unknown",
                Self.signed(wrong.difference),
            ]
            for consequence in own {
                let shift = Self.signed(consequence.shifts[wrong.account] ?? 0)
                table.append(cells + [consequence.strike.id, shift])
                cells = ["", "", "", ""]
            }
            if own.isEmpty { table.append(cells + ["no single strike", ""]) }
        }
        let silence =
            run.answers.different + run.answers.errors + run.answers.missing == 0
            ? ", and none of its answers said so" : ""
        return ["the \(run.name) ledger ended wrong\(silence):"] + table.lines(indent: 2)
    }

    /// One strike of each kind, in full.
    private func examples(of run: DemoOutcome.Run) -> [String] {
        var lines = ["for example:"]
        for rule in outcome.rules {
            guard let example = run.consequences.first(where: { $0.strike.rule == rule.name })
            else { continue }
            lines.append("  " + example.strike.id)
            lines += example.story.split(separator: "\n").map { "    " + $0 }
        }
        return lines.count > 1 ? lines : []
    }

    private var verdict: [String] {
        switch outcome.verdict {
        case .shown:
            [
                "The naive ledger believes that each line comes once, and in order. The careful "
                    + "one knows",
                "a payment by its id and a statement by its version: the same strikes, and it is "
                    + "right.",
            ]
        case .harmless:
            [
                "These strikes put no balance wrong, so nothing was shown; another seed may: "
                    + "weir demo --seed \(outcome.seed &+ 1)"
            ]
        case .defect(let what): ["NOT AS IT MUST BE: \(what); please report this with the folder"]
        }
    }

    /// Commands that work as they are printed.
    private var next: [String] {
        let recording = shellQuoted(outcome.recorded.path)
        let seeded = "\(DemoPlan.arguments) --seed \(outcome.seed)"
        return [
            "kept in \(EscapedText(outcome.folder)): the recording, and a folder for each replay",
            "what was said        weir show \(recording) --messages --connection 1",
            "what would strike    weir plan \(recording) \(seeded)",
            "a ledger by hand     weir demo --serve naive --listen :7411",
            "attack it            weir replay \(recording) --to :7411 \(seeded)",
            "and ask it           weir demo --ask :7411",
        ]
    }

    private static func signed(_ amount: Int64) -> String {
        amount > 0 ? "+\(amount)" : "\(amount)"
    }
}
