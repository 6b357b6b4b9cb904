import Foundation
import Testing

@Suite struct DemoCommandTests {
    @Test func `the demo shows what it promises, and the same story each time`() throws {
        let folder = try TemporaryFolder()
        let run = try WeirProcess.run(["demo", "--run", "kept", "--quiet"], in: folder.url)
        #expect(run.exitCode == 0, "\(run.output)")
        #expect(run.errors == "")
        let story = Self.certain(of: run.output)
        try Golden.expect(story, equals: "demo.txt")
    }

    /// All but times is given by the seed. Only of the strict ledger it is a race on which of its
    /// connections it hangs up first: what strikes it after that, and what came before.
    private static func certain(of story: String) -> String {
        let shown =
            /(the strict .*\n  shows .*: probe balances).*\n(?:(?:  [eas]\w+| {10})  .*\n)*/
        return story.replacing(/in [0-9.]+ m?s\n/, with: "in TIME\n")
            .replacing(/, [0-9.]+ m?s\n/, with: ", TIME\n")
            .replacing(/(the strict ledger) +[0-9]+  [0-9]+/) { "\($0.1)  SOME" }
            .replacing(shown) { "\($0.1)…\n" }
    }

    @Test func `for a machine it is one object, with every verdict and the strike behind it`()
        throws
    {
        let folder = try TemporaryFolder()
        let run = try WeirProcess.run(
            ["demo", "--json", "--seed", "8", "--run", folder.path("kept")])
        #expect(run.exitCode == 0, "\(run.errors)")
        let object = try #require(
            try JSONSerialization.jsonObject(with: run.outputBytes) as? [String: Any])
        #expect(object["version"] as? Int == 1)
        #expect(object["verdict"] as? String == "shown")
        #expect(object["seed"] as? Int == 8)
        let tests = try #require(object["tests"] as? [[String: Any]])
        #expect(
            tests.map { $0["consumer"] as? String } == ["naive", "careful", "strict", "client"])
        #expect(tests[0]["verdict"] as? String == "failed-silently")
        #expect((tests[0]["blamed"] as? [String])?.isEmpty == false)
        #expect(tests[0]["settled"] as? Bool == true)
        #expect(tests[2]["verdict"] as? String == "failed-loudly")
        #expect((tests[3]["symptoms"] as? [String])?.contains("silent-retry") == true)
        #expect(tests[3]["verdict"] as? String == "recovered")
        #expect(tests[3]["settled"] as? Bool == true)
    }

    @Test func `a ledger served by itself answers until it is interrupted`() throws {
        let ledger = try WeirProcess.start(["demo", "--serve", "careful", "--listen", ":0"])
        try ledger.wait(for: "Ctrl-C ends it\n")
        let port = try #require(ledger.errorsSoFar.firstMatch(of: /127\.0\.0\.1:([0-9]+)/)?.1)
        let asked = try BashRun.run(
            """
            exec 3<>/dev/tcp/127.0.0.1/$2
            printf 'PAY id=p1 from=alice to=bob amount=5\\nBALANCE bob\\nnonsense\\n' >&3
            for _ in 1 2 3; do read -r line <&3; echo "$line"; done
            """, [String(port)])
        #expect(
            asked.output
                == """
                PAID p1
                BALANCE bob 5
                ERROR a line begins with PAY, STATEMENT or BALANCE

                """)
        let address = "127.0.0.1:\(port)"
        let balances = try WeirProcess.run(["demo", "--ask", address])
        #expect(balances.output == "account  balance\nalice         -5\nbob            5\n")
        let driven = try WeirProcess.run(["demo", "--drive", address])
        #expect(
            driven.output
                == "302 requests on 5 connections, 302 answers, 0 of them errors\n")
        ledger.interrupt()
        #expect(try ledger.finish().exitCode == 130)
        let refused = try WeirProcess.run(["demo", "--ask", address])
        #expect(refused.exitCode == 4)
        #expect(refused.errors.contains("connection refused; start one: weir demo --serve"))
    }

    @Test(arguments: [
        (["--listen", ":7411"], "--listen needs --serve; add --serve EDITION"),
        (["--serve", "navie"], "--serve: there is no \"navie\"; did you mean \"naive\"?"),
        (["--serve", "naive", "--json"], "--json and --serve exclude each other; write one"),
        (["--serve", "naive", "--listen", "7411"], "--listen: "),
    ])
    func `a mistake in its options is said`(words: [String], message: String) throws {
        let run = try WeirProcess.run(["demo"] + words)
        #expect(run.exitCode == 2)
        #expect(run.errors.hasPrefix("weir: error: \(message)"))
    }

    @Test func `a folder that is there already is left alone`() throws {
        let folder = try TemporaryFolder()
        try Data("mine".utf8).write(to: folder.url.appending(path: "ledger.weir"))
        let run = try WeirProcess.run(["demo", "--run", folder.url.path])
        #expect(run.exitCode == 2)
        #expect(run.errors.contains("ledger.weir"))
        #expect(
            try String(contentsOfFile: folder.path("ledger.weir"), encoding: .utf8) == "mine")
    }
}
