import Reactions
import Text

/// The demo's outcome for machines: one object. Each test's own is its `verdict.json`.
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
            object.member("tests", objects: outcome.trials, Self.write)
        }
    }

    private var verdictName: String {
        switch outcome.verdict {
        case .shown: "shown"
        case .harmless: "harmless"
        case .defect: "defect"
        }
    }

    private static func write(_ trial: DemoTrial, to writer: inout JSONWriter) {
        let judgement = trial.disturbed ?? Judgement(trial.result.verdict)
        writer.member("consumer", trial.subject.folderName)
        writer.member("folder", trial.folder)
        writer.member("verdict", trial.result.verdict.rawValue)
        writer.member("planned", judgement.strikes.planned)
        writer.member("applied", judgement.strikes.applied)
        writer.member("answers", judgement.coverage.answers)
        writer.member("symptoms", judgement.symptoms.map(\.kind.rawValue))
        writer.member("blamed", trial.shown?.blame?.strikes ?? [])
        writer.member("settled", trial.shown?.blame?.isSettled ?? false)
    }
}
