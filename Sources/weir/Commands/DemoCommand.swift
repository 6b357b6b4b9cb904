import Platform
import Text

/// `weir demo`: the main job from end to end, with nothing but this binary; and its parts, one by
/// one, to try Weir on by hand.
struct DemoCommand: Command {
    static let specification = CommandSpecification(
        verb: "demo",
        summary: "record and test a small ledger, and see what it does not say",
        details: [
            "A producer talks to a payment ledger through Weir's recorder. Three editions of the "
                + "ledger are tested with the recording and all four disturbances, as weir test "
                + "does it: a naive one, a careful one and a strict one. Then Weir stands in for "
                + "the ledger, and a client that dials again in silence is tested. What fails is "
                + "blamed on a strike, and the naive ledger's is shrunk to the smallest.",
            "All of it happens on free ports of the loopback, and takes about half a minute. Exit "
                + "code 3: some of these strikes did no harm; try another seed.",
            "--serve, --drive and --ask are its parts one by one: a service to try Weir on.",
        ],
        options: [
            seed.definition, run.definition, force.definition, json.definition, serve.definition,
            listen.definition, drive.definition, retry.definition, ask.definition,
        ],
        examples: [
            .init("weir demo", "tells the story, and keeps it in runs/"),
            .init("weir demo --seed 8 --json", "another story, for a machine"),
            .init("weir demo --serve naive --listen :7411", "serves the naive ledger there"),
            .init("weir demo --drive :7411", "lets the producer talk to the ledger there"),
            .init("weir demo --ask :7411", "prints that ledger's balances"),
        ])

    private static let seed = Option<UInt64>.count(
        "seed", "N", "what the producer says and what strikes", default: "\(DemoPlan.defaultSeed)")
    private static let run = Option<String>.text(
        "run", "DIR", "where it is kept; a new folder in runs/ otherwise")
    private static let force = Flag("force", "replace what an earlier demo left in --run")
    private static let json = Flag("json", "print one JSON object")
    private static let serve = Option<Ledger.Edition>.choice(
        "serve", "EDITION", "serve this ledger until Ctrl-C, and no more")
    private static let listen = address("listen", "where --serve listens")
    private static let drive = address("drive", "let the producer talk to that ledger, and no more")
    private static let retry = Flag(
        "retry", "let --drive dial again when a connection breaks, and say nothing of it")
    private static let ask = address("ask", "print that ledger's balances, and no more")

    /// What it is to do.
    private enum Task {
        case tell(folder: String?, replaces: Bool, isJSON: Bool)
        case serve(Ledger.Edition, listen: String)
        case drive(String, retries: Bool)
        case ask(String)
    }

    private let seed: UInt64
    private let task: Task

    init(_ arguments: Arguments) throws(UsageError) {
        seed = try arguments.require(Self.seed)
        try arguments.only(Self.listen.definition, with: Self.serve.definition)
        try arguments.only(Self.retry.definition, with: Self.drive.definition)
        try arguments.only(Self.force.definition, with: Self.run.definition)
        let parts = [Self.serve.definition, Self.drive.definition, Self.ask.definition]
        for option in [Self.run.definition, Self.json.definition] {
            try arguments.atMostOne(of: [option] + parts)
        }
        if let edition = try arguments.value(of: Self.serve) {
            task = .serve(edition, listen: try arguments.value(of: Self.listen) ?? ":0")
        } else if let address = try arguments.value(of: Self.drive) {
            task = .drive(address, retries: arguments.has(Self.retry))
        } else if let address = try arguments.value(of: Self.ask) {
            task = .ask(address)
        } else {
            task = .tell(
                folder: try arguments.value(of: Self.run), replaces: arguments.has(Self.force),
                isJSON: arguments.has(Self.json))
        }
    }

    func run(_ console: Console) throws(Failure) -> ExitCode {
        switch task {
        case .tell(let path, let replaces, let isJSON):
            let folder = try Self.make(path, replacing: replaces, seed)
            let demo = Demo(seed: seed, folder: folder, replaces: replaces, console: console)
            let story = DemoStory(outcome: try demo.play())
            try console.write(isJSON ? story.json : story.text)
            return story.outcome.exitCode
        case .serve(let edition, let text):
            let stage = try SystemStage()
            let server = try LedgerServer.start(
                edition, at: try Self.resolve(text), on: stage)
            console.log(
                .info, "listening",
                "the \(edition) ledger listens on \(server.address); Ctrl-C ends it")
            let code = stage.runUntilInterrupted()
            server.close()
            return code
        case .drive(let text, let retries):
            let parts = DemoParts(script: ProducerScript(seed: seed), stage: try SystemStage())
            try console.write(try parts.drive(try Self.resolve(text), retries: retries))
            return .done
        case .ask(let text):
            let parts = DemoParts(script: ProducerScript(seed: seed), stage: try SystemStage())
            try console.write(try parts.ask(try Self.resolve(text)))
            return .done
        }
    }

    private static func make(
        _ path: String?, replacing: Bool, _ seed: UInt64
    ) throws(Failure) -> RunFolder {
        guard let path else {
            return try RunFolder.make(seed: seed, at: Timestamp(nanoseconds: WallClock.read()))
        }
        return try RunFolder.make(path, replacing: replacing)
    }

    private static func resolve(_ text: String) throws(Failure) -> SocketAddress {
        do {
            return try SocketAddress.resolve(text)
        } catch {
            throw Failure(.unreachable, "\(error)")
        }
    }

    /// An address that is checked now and looked up later.
    private static func address(_ name: String, _ help: String) -> Option<String> {
        Option(name, "ADDRESS", help) { text in
            _ = try AddressText(text)
            return text
        }
    }
}
