import Foundation

/// `weir test` in front of a real server, and what came of it.
struct ServiceTest {
    let exitCode: Int32
    /// What it wrote, both outputs.
    let text: String
    /// `verdict.json`; empty where there is none.
    let verdict: [String: Any]
    let folder: URL

    init(
        _ recording: String, _ options: [String], consumer: [String] = [],
        pacing: String = "asap", in folder: RecordingFolder, named name: String = "run"
    ) throws {
        self.folder = URL(fileURLWithPath: folder.path(name))
        let command = consumer.isEmpty ? [] : ["--"] + consumer
        let run = try RunningProgram.run(
            "weir",
            ["test", recording, "--run", folder.path(name), "--pacing", pacing, "--quiet"]
                + options + command)
        let data = try? Data(contentsOf: self.folder.appendingPathComponent("verdict.json"))
        let object = try data.map { try JSONSerialization.jsonObject(with: $0) }
        exitCode = run.exitCode
        text = run.text
        verdict = object as? [String: Any] ?? [:]
    }

    var name: String? { verdict["verdict"] as? String }
    var runs: [[String: Any]] { verdict["runs"] as? [[String: Any]] ?? [] }
    var symptoms: [[String: Any]] { verdict["symptoms"] as? [[String: Any]] ?? [] }

    /// The recording of this name in `Recordings`.
    static func recording(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Recordings/\(name).weir").path
    }
}

/// How often something was seen, and how often it may happen by that.
struct Rate: CustomStringConvertible {
    var seen = 0
    var runs = 0
    /// Runs that were made again because something was late, and late answers that were not again.
    private var repeated = 0
    private var dropped = 0

    init(seen: Int = 0, runs: Int = 0) {
        self.seen = seen
        self.runs = runs
    }

    /// - Parameter object: a run of `verdict.json`, or its baseline.
    mutating func addRepeats(of object: [String: Any]) {
        guard let repeats = object["repeats"] as? [String: Any] else { return }
        repeated += 1
        dropped += repeats["not_late_again"] as? Int ?? 0
    }

    /// The largest chance with which so few would be seen in one of twenty such series
    /// (Clopper and Pearson, one side).
    var upperBound: Double {
        guard seen < runs else { return 1 }
        var low = 0.0
        var high = 1.0
        // The chance of at most `seen` falls with `chance`; sixty halvings leave nothing to say.
        for _ in 0..<60 {
            let chance = (low + high) / 2
            if chanceOfAtMostSeen(chance) > 0.05 { low = chance } else { high = chance }
        }
        return high
    }

    private func chanceOfAtMostSeen(_ chance: Double) -> Double {
        var sum = 0.0
        for count in 0...seen {
            let ways =
                lgamma(Double(runs + 1)) - lgamma(Double(count + 1))
                - lgamma(Double(runs - count + 1))
            let logarithm =
                ways + Double(count) * log(chance) + Double(runs - count) * log1p(-chance)
            sum += exp(logarithm)
        }
        return sum
    }

    var description: String {
        func percent(_ share: Double) -> String { String(format: "%.2f %%", share * 100) }
        let share = percent(Double(seen) / Double(runs))
        return "\(seen) of \(runs) clean runs showed a symptom: \(share)"
            + ", at most \(percent(upperBound)) with 95 % confidence; \(repeated) were repeated for"
            + " \(dropped) late answers that were not late again"
    }
}
