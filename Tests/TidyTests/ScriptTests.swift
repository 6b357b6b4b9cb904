import Foundation
import Testing

@Suite struct ScriptTests {
    private let scripts = SourceTree.files.filter {
        ($0.path.hasPrefix("Scripts/") || $0.path.hasPrefix(".ci/")) && !$0.path.contains(".")
            || $0.path == ".ci/run"
    }

    @Test func `a script stops at the first error, works from the root and says what it is for`() {
        #expect(scripts.count > 5)
        for script in scripts {
            #expect(script.lines.first == "#!/usr/bin/env bash", "\(script.path)")
            #expect(script.lines.dropFirst().first?.hasPrefix("# ") == true, "\(script.path)")
            #expect(script.lines.contains("set -euo pipefail"), "\(script.path)")
            #expect(script.lines.contains("cd \"$(dirname \"$0\")/..\""), "\(script.path)")
        }
    }

    @Test func `a script can be run, and is in the list`() throws {
        let list = try #require(SourceTree.file("Scripts/README.md"))
        for script in scripts {
            let place = SourceTree.root.appending(path: script.path).path
            #expect(FileManager.default.isExecutableFile(atPath: place), "\(script.path)")
            #expect(list.text.contains("`\(script.path)"), "\(script.path) in Scripts/README.md")
        }
    }

    @Test func `a script ends only what it started`() {
        let rules = ["pkill", "killall"].map { LineRule(banned: $0, instead: "end it by its id") }
        expectNone(
            rules.flatMap { rule in
                scripts.flatMap { rule.violations(in: $0, lines: $0.lines) }
            })
    }
}
