import Faults
import Testing

@testable import weir

@Suite struct HelpTests {
    @Test(arguments: Commands.verbs)
    func `each command's help is as its golden file has it`(verb: String) throws {
        let run = try WeirProcess.run([verb, "--help"])
        #expect(run.exitCode == 0)
        #expect(run.errors == "")
        try Golden.expect(run.output, equals: "help/\(verb).txt")
        #expect(try WeirProcess.run(["help", verb]).output == run.output)
    }

    @Test func `the overview is as its golden file has it`() throws {
        try Golden.expect(try WeirProcess.run(["--help"]).output, equals: "overview.txt")
        #expect(try WeirProcess.run(["help"]).output == HelpText().overview)
    }

    @Test(arguments: HelpTopic.names)
    func `each topic is as its golden file has it`(topic: String) throws {
        let run = try WeirProcess.run(["help", topic])
        #expect(run.exitCode == 0)
        try Golden.expect(run.output, equals: "\(topic).txt")
    }

    @Test func `the plan that the help shows is one that can be read`() throws {
        let plan = try PlanFile.read(Array(HelpText.examplePlan.utf8), file: "plan.json")
        #expect(plan.rules.map(\.name) == ["latency", "redelivery", "disconnect"])
    }

    @Test func `the config file that the help shows is one that can be read`() throws {
        let config = try ConfigFile(reading: Array(ConfigFile.example.utf8), file: "weir.json")
        #expect(config.routes.map(\.name) == ["orders", "users"])
        #expect(config.targets.map(\.address) == [":7379", ":7432"])
        #expect(config.faults.map(\.place) == ["weir.json:7: faults[0]", "weir.json:8: faults[1]"])
        #expect(config.faults.map(\.rule.target.route) == ["orders", "users"])
        #expect(config.seed == 7)
        #expect(config.record == .path("traffic.weir"))
    }

    @Test func `each golden help is a command's`() throws {
        #expect(try Golden.names(in: "help") == Commands.verbs.map { "\($0).txt" }.sorted())
    }

    @Test func `the version is printed by option and by command`() throws {
        for words in [["--version"], ["version"]] {
            let run = try WeirProcess.run(words)
            #expect(run.exitCode == 0)
            #expect(run.output == "weir \(Version.text)\n")
        }
    }

    @Test(arguments: [
        ([], "no command is given; weir --help lists them"),
        (["verison"], "no command is named \"verison\"; did you mean \"version\"?"),
        (["help", "exit-code"], "no command is named \"exit-code\"; did you mean \"exit-codes\"?"),
        (["version", "--jsn"], "no option is named --jsn; did you mean --json?"),
        (["completion"], "SHELL is missing; add it"),
        (["\u{1b}[2J"], #"no command is named "\x1b[2J"; weir --help lists them"#),
    ])
    func `a mistake is one line on standard error, and exit code 2`(
        words: [String], message: String
    ) throws {
        let run = try WeirProcess.run(words)
        #expect(run.exitCode == 2)
        #expect(run.output == "")
        #expect(run.errors == "weir: error: \(message)\n")
    }

    @Test func `a reader who leaves early is no mistake`() throws {
        let run = try BashRun.run("\"$1\" --help | true; echo \"${PIPESTATUS[0]}\"")
        #expect(run.output == "0\n")
        #expect(run.errors == "")
    }

    @Test func `a full disk under standard output is exit code 6`() throws {
        let run = try BashRun.run("\"$1\" --help > /dev/full; echo $?")
        #expect(run.output == "6\n")
        #expect(run.errors.hasPrefix("weir: error: standard output cannot be written: no space"))
    }
}

@Suite struct CompletionTests {
    @Test(arguments: [
        (["weir", "ver"], "version"),
        (["weir", "version", "--j"], "--json"),
        (["weir", "version", "--log-format", ""], "text json"),
        (["weir", "completion", ""], "bash"),
        (["weir", "help", "exit"], "exit-codes"),
        (["weir", "help", "pac"], "pacing"),
    ])
    func `bash completes commands, options and values`(words: [String], offered: String) throws {
        let run = try BashRun.run(
            "binary=$1; shift; source <(\"$binary\" completion bash); COMP_WORDS=(\"$@\");"
                + " COMP_CWORD=$(($# - 1)); _weir; echo \"${COMPREPLY[*]}\"", words)
        #expect(run.output == offered + "\n")
        #expect(run.errors == "")
    }
}
