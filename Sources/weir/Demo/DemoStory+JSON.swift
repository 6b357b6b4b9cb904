import Text

/// The demo's outcome for machines: one object.
extension DemoStory {
    var json: String {
        JSONWriter.document(version: 1) { object in
            object.member("verdict", verdictName)
            object.member("seed", outcome.seed)
            object.member("folder", outcome.folder)
            object.member(
                "recorded",
                object: { recorded in
                    recorded.member("path", outcome.recorded.path)
                    recorded.member("connections", outcome.recorded.connections)
                    recorded.member("requests", outcome.recorded.requests)
                    recorded.member("answers", outcome.recorded.answers)
                    recorded.member("duration_ns", outcome.recorded.nanoseconds)
                })
            object.member("runs", objects: outcome.runs, Self.write)
        }
    }

    private var verdictName: String {
        switch outcome.verdict {
        case .shown: "shown"
        case .harmless: "harmless"
        case .defect: "defect"
        }
    }

    private static func write(_ run: DemoOutcome.Run, to writer: inout JSONWriter) {
        writer.member("ledger", run.edition.rawValue)
        writer.member("disturbed", run.isDisturbed)
        writer.member("folder", run.folder)
        writer.member(
            "strikes",
            object: { strikes in
                strikes.member("planned", run.strikes.planned)
                strikes.member("applied", run.strikes.applied)
                strikes.member("preempted", run.strikes.preempted)
                strikes.member("skipped", run.strikes.skipped)
            })
        writer.member(
            "answers",
            object: { answers in
                answers.member("same", run.answers.same)
                answers.member("different", run.answers.different)
                answers.member("missing", run.answers.missing)
                answers.member("errors", run.answers.errors)
            })
        writer.member("balances", run.balances.accounts)
        writer.member("wrong", objects: run.balances.wrong) { wrong, object in
            object.member("account", wrong.account)
            object.member("expected", wrong.expected)
            object.member("actual", wrong.actual)
            let own = run.consequences.filter { $0.shifts[wrong.account] != nil }
            object.member("strikes", own.map(\.strike.id))
        }
    }
}
