import Foundation
import Testing

/// `README.md` is true: what it shows is run.
@Suite struct ReadmeTests {
    @Test func `every command in the README works as it stands there, and prints what it shows`()
        throws
    {
        let folder = try TemporaryFolder()
        let terminal = try ReadmeTerminal(folder)
        let steps = try ReadmeDocument.read().steps
        #expect(steps.count > 5)
        for step in steps {
            for command in step.commands { try terminal.type(command, of: step) }
            let output = MaskedOutput(terminal.output)
            let missing = output.firstMissing(of: step.expected)
            #expect(
                missing == nil,
                "README.md:\(step.line) shows it, and it printed:\n\(terminal.output)")
        }
        try terminal.close()
    }

    @Test func `a step is read with its commands, their continued lines and its output`() {
        let document = ReadmeDocument(
            """
            # Title
            ```sh background
            weir record --listen :7000 \\
                --upstream :6379
            ```
            ```sh
            one
            # Ctrl-C ends it
            ```
            ```text
            done in 3 ms
            …
            ```
            ```json
            {}
            ```
            """)
        #expect(document.steps.map(\.line) == [2, 6])
        #expect(document.steps.map(\.isBackground) == [true, false])
        #expect(document.steps[0].commands == ["weir record --listen :7000     --upstream :6379"])
        #expect(document.steps[1].commands == ["one", "# Ctrl-C ends it"])
        #expect(document.steps[1].expected == ["done in 3 ms", "…"])
    }

    @Test func `numbers may differ from what is shown, words and their order may not`() {
        let output = MaskedOutput("took 3.2 ms for 1,024 messages\nbetween\n2 errors\n")
        #expect(output.firstMissing(of: ["took 1 s for 1 message", "betw…"]) == nil)
        #expect(output.firstMissing(of: ["etween…"]) == "etween…")
        #expect(output.firstMissing(of: ["took 17 µs for 9 messages", "…", "0 errors"]) == nil)
        #expect(output.firstMissing(of: ["0 errors", "between"]) == "between")
        #expect(output.firstMissing(of: ["took 3.2 ms for 1,024 lines"]) != nil)
    }
}

/// Types commands as a person who follows the README does.
private final class ReadmeTerminal {
    private let folder: TemporaryFolder
    private let path: String
    private var background: [WeirProcess] = []
    /// What the last step printed.
    private(set) var output = ""
    private var lastStep = 0

    init(_ folder: TemporaryFolder) throws {
        self.folder = folder
        let binary = try WeirProcess.binary()
        let commands = folder.url.appendingPathComponent("commands")
        try FileManager.default.createDirectory(at: commands, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            at: commands.appendingPathComponent("weir"), withDestinationURL: binary)
        let inherited = ProcessInfo.processInfo.environment["PATH"] ?? ""
        path = "\(commands.path):\(inherited)"
    }

    func type(_ command: String, of step: ReadmeDocument.Step) throws {
        if step.line != lastStep { output = "" }
        lastStep = step.line
        if command.hasPrefix("# Ctrl-C") {
            try interrupt()
        } else if command.hasPrefix("Scripts/") {
            // What builds everything is run by continuous integration, not by a test inside it.
            let script = command.prefix { $0 != " " }
            let place = ReadmeDocument.root.appendingPathComponent(String(script)).path
            #expect(FileManager.default.isExecutableFile(atPath: place), "README.md: \(script)")
        } else if step.isBackground {
            // exec: an interrupt reaches the command, not the shell around it.
            let process = try start("exec \(command)")
            background.append(process)
            try process.wait(for: "listen", within: 10)
            output = process.errorsSoFar
        } else {
            let run = try start(command).finish()
            #expect(run.exitCode == 0, "README.md:\(step.line): \(command)\n\(run.errors)")
            output += run.output + run.errors
        }
    }

    /// Ends whatever still runs.
    func close() throws {
        while !background.isEmpty { try interrupt() }
    }

    private func interrupt() throws {
        guard let process = background.popLast() else { return }
        process.interrupt()
        let run = try process.finish()
        #expect([0, 130].contains(run.exitCode), "\(run.errors)")
        output += run.output + run.errors
    }

    private func start(_ command: String) throws -> WeirProcess {
        try WeirProcess(
            URL(fileURLWithPath: "/bin/bash"), ["-euo", "pipefail", "-c", command],
            environment: ["PATH": path, "NO_COLOR": "1"], in: folder.url)
    }
}
