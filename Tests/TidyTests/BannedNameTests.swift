import Testing

/// What decides has no clock, no chance, no machine and no unsafe memory.
private let pureTargets: Set<String> = ["Text", "Recordings", "Faults", "Reactions", "Reports"]

private let bannedInPure: [LineRule] =
    [
        "Date(", "ContinuousClock", "SuspendingClock", "DispatchTime", "clock_gettime",
    ].map { LineRule(banned: $0, instead: "time is handed in, as an Instant") }
    + [
        ".now", "sleep(",
    ].map { LineRule(banned: $0, instead: "what decides has no clock") }
    + [
        "SystemRandomNumberGenerator", ".random(", ".randomElement(", ".shuffled(", ".shuffle(",
        "Hasher(", ".hashValue",
    ].map { LineRule(banned: $0, instead: "chance comes from the dice, the same on every machine") }
    + [
        "print(", "debugPrint(", "dump(", "readLine(", "CommandLine", "ProcessInfo", "getenv(",
    ].map { LineRule(banned: $0, instead: "values in, values out: return it") }

/// In all of Sources, comments and strings apart.
private let bannedInCode: [LineRule] = [
    LineRule(banned: "try!", instead: "throw it, or handle it"),
    LineRule(banned: "as!", instead: "say what happens when it is another type"),
    LineRule(banned: "fatalError()", instead: "say why this cannot be"),
    LineRule(banned: "preconditionFailure()", instead: "say why this cannot be"),
    LineRule(banned: "assertionFailure()", instead: "say why this cannot be"),
    LineRule(banned: "@unchecked", instead: "make it Sendable in truth"),
    LineRule(banned: "nonisolated(unsafe)", instead: "hand it in, or make it constant"),
]

/// In every file, comments too.
private let bannedInText: [LineRule] = ["TODO", "FIXME", "XXX", "HACK"].map {
    LineRule(banned: $0, instead: "do it, or open an issue")
}

@Suite struct BannedNameTests {
    @Test func `what decides uses no clock, no chance and no machine`() {
        let files = SourceTree.sources.filter { pureTargets.contains($0.target) }
        expectNone(
            bannedInPure.flatMap { rule in files.flatMap { rule.violations(in: $0, lines: $0.code) }
            })
    }

    @Test func `unsafe code in what decides says why it is safe`() {
        let files = SourceTree.sources.filter { pureTargets.contains($0.target) }
        expectNone(files.flatMap(unexplainedUnsafe))
    }

    @Test func `nothing in Sources traps on what may happen`() {
        expectNone(
            bannedInCode.flatMap { rule in
                SourceTree.sources.flatMap { rule.violations(in: $0, lines: $0.code) }
            })
    }

    @Test func `nobody but weir writes to the terminal`() {
        let rule = LineRule(banned: "print(", instead: "only weir talks to people")
        let files = SourceTree.sources.filter { $0.target != "weir" }
        expectNone(files.flatMap { rule.violations(in: $0, lines: $0.code) })
    }

    @Test func `no file puts work off`() {
        let files = SourceTree.files.filter { !$0.path.hasPrefix("Tests/TidyTests/") }
        expectNone(
            bannedInText.flatMap { rule in
                files.flatMap { rule.violations(in: $0, lines: $0.lines) }
            })
    }

    @Test func `no file knows the machine it was written on`() {
        // Put together here, so that this file does not name what it forbids.
        let places = ["work", "root", "tmp/wt", "home/", "Users/"].map { "/" + $0 }
        let rules = places.map {
            LineRule(banned: $0, instead: "find it from the repository's root")
        }
        expectNone(
            rules.flatMap { rule in
                SourceTree.files.flatMap { rule.violations(in: $0, lines: $0.lines) }
            })
    }

    @Test func `a banned name is seen in code, and not in a comment, a string or a longer name`() {
        let file = SourceFile(
            path: "Sources/Text/Example.swift",
            text: """
                // print(1)
                let a = "print(2)"
                footprint(3)
                let b = "\\(print(4))"
                print (5); print(6)
                """)
        let rule = LineRule(banned: "print(", instead: "")
        #expect(rule.violations(in: file, lines: file.code).map(\.line) == [4, 5])
    }

    @Test func `unsafe code without a reason is seen`() {
        let file = SourceFile(
            path: "Sources/Text/Example.swift",
            text: """
                // The buffer lives as long as the call.
                let a = unsafe UnsafeRawPointer(start)

                let b = unsafe a.load(as: UInt8.self)
                let c = unsafe b // Checked above.
                """)
        #expect(unexplainedUnsafe(in: file).map(\.line) == [4])
    }
}

/// Lines with unsafe code that have no comment, neither beside them nor above them in the same
/// paragraph.
private func unexplainedUnsafe(in file: SourceFile) -> [Violation] {
    file.code.indices.compactMap { index in
        let code = file.code[index]
        guard code.containsWord("unsafe") || code.contains("Unsafe") else { return nil }
        var line = index
        while line >= 0, !file.lines[line].allSatisfy({ $0 == " " }) {
            if file.lines[line].contains("//") { return nil }
            line -= 1
        }
        return Violation(path: file.path, line: index + 1, what: "unsafe: say why it is safe")
    }
}
