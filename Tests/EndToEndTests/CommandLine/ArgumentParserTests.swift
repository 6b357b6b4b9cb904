import Foundation
import Testing
import Text

@testable import weir

@Suite struct ArgumentParserTests {
    @Test func `options stand anywhere, with a space or an equals sign`() throws {
        let words = ["--jitter", "20ms", "a.weir", "--seed=7", "-fo", "b.weir", "--fault=x y"]
        let arguments = try SampleCommand.parse(words)
        #expect(try arguments.require(SampleCommand.jitter).description == "20ms")
        #expect(try arguments.value(of: SampleCommand.seed) == 7)
        #expect(try arguments.require(SampleCommand.output) == .path("b.weir"))
        #expect(try arguments.values(of: SampleCommand.fault) == ["x y"])
        #expect(arguments.has(SampleCommand.force))
        #expect(try arguments.file(0) == .path("a.weir"))
        #expect(arguments.command == nil)
    }

    @Test func `what is not given has its default, or no value`() throws {
        let arguments = try SampleCommand.parse(["a.weir", "-ob"])
        #expect(try arguments.require(SampleCommand.wait).description == "5s")
        #expect(!arguments.isGiven(SampleCommand.wait.definition))
        #expect(try arguments.value(of: SampleCommand.seed) == nil)
        #expect(try arguments.values(of: SampleCommand.fault).isEmpty)
        #expect(!arguments.has(SampleCommand.force))
        #expect(throws: UsageError("--seed N is missing; add it")) {
            try arguments.require(SampleCommand.seed)
        }
    }

    @Test func `a dash alone is a file, and what follows two is a command`() throws {
        let words = ["-", "-o", "-", "--", "sh", "-c", "--force", "--"]
        let arguments = try SampleCommand.parse(words)
        #expect(try arguments.file(0) == .standard)
        #expect(try arguments.require(SampleCommand.output) == .standard)
        #expect(arguments.command == ["sh", "-c", "--force", "--"])
        #expect(!arguments.has(SampleCommand.force))
    }

    @Test func `without a command, two dashes end the options`() throws {
        var specification = SampleCommand.specification
        specification.commandPlaceholder = nil
        let arguments = try ArgumentParser.parse(["-ox", "--", "--force"], for: specification)
        #expect(arguments.positionals == ["--force"])
        #expect(arguments.command == nil)
    }

    @Test func `a repeatable option keeps its order`() throws {
        let words = ["a", "-ob", "--fault", "x", "--fault=--y", "--fault", "x"]
        let arguments = try SampleCommand.parse(words)
        #expect(try arguments.values(of: SampleCommand.fault) == ["x", "--y", "x"])
    }

    @Test(
        arguments: [
            (["--jiter=5ms"], "no option is named --jiter; did you mean --jitter?"),
            (["--banana"], "no option is named --banana; weir sample --help lists the options"),
            (["-x"], "no option is named -x; weir sample --help lists the options"),
            (["-seed", "7"], "no option is named -seed; did you mean --seed?"),
            (["--jitter", "20"], #"--jitter: "20" has no unit; write "20ms""#),
            (["--jitter="], #"--jitter: "" is not a duration; write a duration like "20ms""#),
            (["--jitter"], "--jitter needs a value; write --jitter DURATION"),
            (["--jitter", "--force"], "--jitter needs a value; write --jitter DURATION"),
            (["-o"], "--output needs a value; write --output FILE"),
            (["--output="], "--output: the path is empty; write a file's, or -"),
            (["--seed=-1"], #"--seed: "-1" is not a whole number; write one like "12""#),
            (["--force=yes"], "--force takes no value; write --force"),
            (["--force", "-f"], "--force is given twice; write it once"),
            (["--seed=1", "--seed=1"], "--seed is given twice; write it once"),
            (["--form=jso"], #"--form: there is no "jso"; did you mean "json"?"#),
            (["--form=x"], #"--form: there is no "x"; write text or json"#),
            (["--fault="], "--fault: it is empty; write a value"),
            (["a", "b"], #""b" is one argument too many; it takes FILE"#),
            ([], "FILE and --output FILE are missing; add them"),
            (["a"], "--output FILE is missing; add it"),
            (["a", "--", "-ob"], "--output FILE is missing; add it"),
        ] as [([String], String)])
    func `a mistake is said with what to do`(words: [String], message: String) {
        #expect(SampleCommand.problem(words) == message)
    }

    @Test func `an address is understood while it is parsed`() throws {
        #expect(SampleCommand.problem(["a", "-ob", "--listen", ":7000"]) == nil)
        let problem = try #require(SampleCommand.problem(["a", "-ob", "--listen", "nowhere"]))
        #expect(problem.hasPrefix("--listen: "))
    }

    @Test func `whoever asks for help gets it, whatever is missing`() throws {
        #expect(try SampleCommand.parse(["--help"]).has(CommonOptions.help))
        #expect(try SampleCommand.parse(["--jitter=1s", "-h"]).has(CommonOptions.help))
    }

    @Test func `what excludes or needs another is checked`() throws {
        let jitter = SampleCommand.jitter.definition
        let seed = SampleCommand.seed.definition
        let both = try SampleCommand.parse(["a", "-ob", "--seed=1", "--jitter=1s"])
        let exclusion = UsageError("--jitter and --seed exclude each other; write one")
        #expect(throws: exclusion) { try both.atMostOne(of: [jitter, seed]) }
        #expect(throws: exclusion) { try both.exactlyOne(of: [jitter, seed]) }
        try both.only(seed, with: jitter)
        let none = try SampleCommand.parse(["a", "-ob"])
        try none.atMostOne(of: [jitter, seed])
        #expect(throws: UsageError("--jitter DURATION or --seed N is missing; add one")) {
            try none.exactlyOne(of: [jitter, seed])
        }
        let one = try SampleCommand.parse(["a", "-ob", "--seed=1"])
        try one.exactlyOne(of: [jitter, seed])
        #expect(throws: UsageError("--seed needs --jitter; add --jitter DURATION")) {
            try one.only(seed, with: jitter)
        }
    }

    @Test func `the command that repeats a run is quoted for a shell and has its seed`() throws {
        let seed = SampleCommand.seed.definition
        let words = ["a b.weir", "-oit's", "--fault", "duplicate chance=1%", "--", "x", "--"]
        let drawn = try SampleCommand.parse(words).repeatingCommand(adding: seed, "7")
        let start = #"weir sample 'a b.weir' '-oit'\''s' --fault 'duplicate chance=1%'"#
        #expect(drawn == start + " --seed 7 -- x --")
        let given = try SampleCommand.parse(["a", "-ob", "--seed", "9"])
        #expect(given.repeatingCommand(adding: seed, "7") == "weir sample a -ob --seed 9")
        let echoed = try BashRun.run("eval \"set -- $2\"; printf '%s\\n' \"$@\"", [drawn])
        let lines = ["weir", "sample"] + words.prefix(4) + ["--seed", "7"] + words.suffix(3)
        #expect(echoed.output == lines.map { $0 + "\n" }.joined())
    }

    @Test func `any words are understood or refused, and never trap`() {
        let pieces = [
            "-", "--", "=", "seed", "jitter", "o", "f", "-f", "--force", "7", "20ms", "", "é",
            "\u{1b}", "help", "-h", "a.weir", "--output",
        ]
        for first in pieces {
            for second in pieces {
                for third in pieces {
                    _ = SampleCommand.problem([first + second, third])
                    _ = SampleCommand.problem([first, second, third])
                }
            }
        }
    }
}

@Suite struct SpecificationTests {
    @Test(arguments: Commands.verbs)
    func `a command's names are its own, and its defaults can be read`(verb: String) throws {
        let specification = try #require(Commands.named(verb)).specification
        let options = specification.allOptions
        #expect(Set(options.map(\.name)).count == options.count)
        let letters = options.compactMap(\.short)
        #expect(Set(letters).count == letters.count)
        for option in options {
            if let text = option.defaultText { try option.check(text) }
            #expect(!option.help.hasSuffix("."), "--\(option.name)")
            #expect(option.help.first?.isUppercase == false, "--\(option.name)")
        }
    }

    @Test(arguments: Commands.verbs)
    func `each example in the help is understood`(verb: String) throws {
        let specification = try #require(Commands.named(verb)).specification
        #expect(!specification.examples.isEmpty)
        // A configuration is read with the arguments: the one that the help shows.
        let folder = try TemporaryFolder()
        let config = folder.path("weir.json")
        try Data(ConfigFile.example.utf8).write(to: URL(fileURLWithPath: config))
        for example in specification.examples where example.line.hasPrefix("weir ") {
            let words = try BashRun.run("eval \"set -- $2\"; printf '%s\\n' \"$@\"", [example.line])
            let arguments = words.output.split(separator: "\n")
                .map { $0 == "weir.json" ? config : String($0) }
            guard case .run(let listing, let parsed) = try Invocation(Array(arguments.dropFirst()))
            else {
                Issue.record("\(example.line) runs nothing")
                continue
            }
            #expect(listing.verb == verb)
            _ = try listing.make(parsed)
        }
    }
}
