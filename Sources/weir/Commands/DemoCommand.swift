import Platform
import Text

/// `weir demo`: the main job from end to end, with nothing but this binary.
struct DemoCommand: Command {
    static let specification = CommandSpecification(
        verb: "demo",
        summary: "record, disturb and replay a small ledger, and see it go wrong",
        details: [
            "A producer talks to a payment ledger through Weir's recorder. The recording is "
                + "replayed with all four disturbances to two editions of the ledger: a naive one "
                + "and a careful one. Then each is asked for its balances.",
            "All of it happens in this process and on loopback ports that are free. It takes a "
                + "few seconds. Exit code 3: these strikes did no harm; try another seed.",
            "--serve runs one ledger by itself, to be recorded and attacked by hand.",
        ],
        options: [
            seed.definition, run.definition, json.definition, serve.definition, listen.definition,
        ],
        examples: [
            .init("weir demo", "tells the story, and keeps it in runs/"),
            .init("weir demo --seed 8 --json", "another story, for a machine"),
            .init("weir demo --serve naive --listen :7411", "serves the naive ledger there"),
        ])

    private static let seed = Option<UInt64>.count(
        "seed", "N", "what the producer says and what strikes", default: "7")
    private static let run = Option<String>.text(
        "run", "DIR", "where it is kept; a new folder in runs/ otherwise")
    private static let json = Flag("json", "print one JSON object")
    private static let serve = Option<Ledger.Edition>.choice(
        "serve", "EDITION", "serve this ledger until Ctrl-C, and do nothing else")
    private static let listen = Option<String>(
        "listen", "ADDRESS", "where --serve listens", default: ":0"
    ) { text in
        _ = try AddressText(text)
        return text
    }

    private let seed: UInt64
    private let folder: String?
    private let isJSON: Bool
    private let edition: Ledger.Edition?
    private let address: String

    init(_ arguments: Arguments) throws(UsageError) {
        seed = try arguments.require(Self.seed)
        folder = try arguments.value(of: Self.run)
        isJSON = arguments.has(Self.json)
        edition = try arguments.value(of: Self.serve)
        address = try arguments.require(Self.listen)
        try arguments.only(Self.listen.definition, with: Self.serve.definition)
        for option in [Self.run.definition, Self.json.definition] {
            try arguments.atMostOne(of: [option, Self.serve.definition])
        }
    }

    func run(_ console: Console) throws(Failure) -> ExitCode {
        let stage = try SystemStage()
        if let edition { return try serve(edition, on: stage, console) }
        let folder = try makeFolder()
        let demo = Demo(seed: seed, folder: folder, stage: stage) { console.log(.info, "demo", $0) }
        let story = DemoStory(outcome: try demo.play())
        try console.write(isJSON ? story.json : story.text)
        return story.outcome.exitCode
    }

    private func makeFolder() throws(Failure) -> String {
        let folder = folder ?? "runs/demo-\(seed)"
        do throws(FileError) {
            try Folder.make(folder)
        } catch {
            throw Failure(.unwritable, "\(error)")
        }
        return folder
    }

    private func serve(
        _ edition: Ledger.Edition, on stage: SystemStage, _ console: Console
    ) throws(Failure) -> ExitCode {
        let server: LedgerServer
        do {
            let place = try SocketAddress.resolve(address)
            server = try LedgerServer(edition: edition, at: place, on: stage.network)
        } catch {
            throw Failure(.unreachable, "\(error)")
        }
        console.log(
            .info, "listening",
            "the \(edition) ledger listens on \(server.address); Ctrl-C ends it")
        let code = stage.runUntilInterrupted()
        server.close()
        return code
    }
}
