import Foundation
import Testing

/// The demo's recording, a folder to test in, and ledgers that `weir test` starts.
struct TestFixture {
    let folder: TemporaryFolder
    let weir: String
    let recording: String

    init() throws {
        folder = try TemporaryFolder()
        weir = try WeirProcess.binary().path
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        recording = root.appendingPathComponent("Recordings/demo/ledger.weir").path
    }

    /// The command of a ledger, as it stands behind `--`.
    func ledger(_ edition: String) -> [String] {
        ["--", weir, "demo", "--serve", edition, "--listen", ":{listen}"]
    }

    /// A shell's script that serves a ledger among other things: `$LEDGER`.
    func script(_ text: String) -> [String] {
        let ledger = "'\(weir)' demo --serve naive --listen :$WEIR_LISTEN"
        return ["--", "sh", "-c", text.replacing("$LEDGER", with: ledger)]
    }

    /// Asks a ledger for its balances.
    var probe: [String] { ["--probe", "balances='\(weir)' demo --ask :{listen}"] }

    func arguments(_ options: [String], _ consumer: [String]) -> [String] {
        ["test", recording, "--to", ":0", "--pacing", "asap", "--settle", "20ms", "--run", "run"]
            + options + consumer
    }

    /// Runs a test.
    func test(_ options: [String], _ consumer: [String]) throws -> Tested {
        try test(arguments(options, consumer))
    }

    /// The same with all words given; the folder is `run`.
    func test(_ arguments: [String]) throws -> Tested {
        let result = try WeirProcess.run(arguments, in: folder.url)
        return Tested(result: result, folder: folder.url.appendingPathComponent("run"))
    }

    /// What came of a test.
    struct Tested {
        var result: WeirProcess.Result
        var folder: URL

        var exitCode: Int32 { result.exitCode }

        /// `verdict.json`.
        func verdict() throws -> Summary {
            let path = folder.appendingPathComponent("verdict.json")
            return try Summary(String(contentsOf: path, encoding: .utf8))
        }

        var names: [String] {
            let found = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
            return (found ?? []).sorted()
        }

        /// The objects of one type in a run's `reactions.jsonl`.
        func reactions(_ run: String, _ type: String) throws -> [[String: Any]] {
            let path = folder.appendingPathComponent("\(run)/reactions.jsonl")
            return try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
                .compactMap {
                    try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
                }.filter { $0["type"] as? String == type }
        }
    }
}

extension Summary {
    /// The verdict, and the kinds of symptoms of the run that earned it.
    var verdict: String? { object["verdict"] as? String }
    var symptoms: [[String: Any]] { object["symptoms"] as? [[String: Any]] ?? [] }
    var kinds: Set<String> { Set(symptoms.compactMap { $0["symptom"] as? String }) }
}

/// Whether a process with this text in its command line is there.
func isRunning(_ text: String) throws -> Bool {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").contains { name in
        guard Int(name) != nil,
            let data = FileManager.default.contents(atPath: "/proc/\(name)/cmdline")
        else { return false }
        return String(decoding: data, as: UTF8.self).contains(text)
    }
}
