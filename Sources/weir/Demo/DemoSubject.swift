import Text

/// Who is put to the test, and how: the arguments of `weir test`, as anybody could type them.
enum DemoSubject: Hashable, Sendable {
    /// A ledger that Weir replays to.
    case ledger(Ledger.Edition)
    /// The producer that dials again in silence, with Weir in the ledger's place.
    case retryingClient

    static let all: [DemoSubject] = [
        .ledger(.naive), .ledger(.careful), .ledger(.strict), .retryingClient,
    ]

    var name: String {
        switch self {
        case .ledger(let edition): "the \(edition.rawValue) ledger"
        case .retryingClient: "the retrying client"
        }
    }

    /// Its folder in the demo's.
    var folderName: String {
        switch self {
        case .ledger(let edition): edition.rawValue
        case .retryingClient: "client"
        }
    }

    /// What strikes the client: its connections are cut now and then.
    static let clientFaults = ["--disconnect", "2%"]

    /// What goes wrong for it.
    var faults: [String] {
        switch self {
        case .ledger: DemoPlan.words
        case .retryingClient: Self.clientFaults
        }
    }

    /// What follows `weir test`.
    /// - Parameter program: how this program is started.
    func words(testing recording: String, seed: UInt64, program: String) -> [String] {
        let seeded = ["--seed", "\(seed)"]
        // Nobody watches for long, and the machine may be busy with other things.
        let common = seeded + ["--speed", "3x", "--settle", "50ms", "--late", "1s"]
        switch self {
        case .ledger(let edition):
            let ask = shellQuoted(program) + " demo --ask :{listen}" + Self.spelled(seeded)
            return [recording, "--to", ":0"] + faults + common
                + ["--probe", "balances=\(ask)", "--"]
                + [program, "demo", "--serve", edition.rawValue, "--listen", ":{listen}"]
        case .retryingClient:
            return [recording, "--listen", ":0"] + faults + common + ["--"]
                + [program, "demo", "--drive", ":{upstream}", "--retry"] + seeded
        }
    }

    private static func spelled(_ words: [String]) -> String {
        words.map { " " + shellQuoted($0) }.joined()
    }
}
