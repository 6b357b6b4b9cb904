import Testing

/// Which target may import what. Sources/README.md shows the same table with what each holds.
private let house: [(target: String, mayImport: Set<String>)] = [
    ("CLinux", []),
    ("CChecksum", []),
    ("Text", []),
    ("Platform", ["CLinux", "Glibc", "Synchronization"]),
    ("Recordings", ["Text", "CChecksum"]),
    ("Faults", ["Text", "Recordings"]),
    ("Engine", ["Platform", "Recordings", "Faults"]),
    ("Reactions", ["Text", "Recordings", "Faults"]),
    ("Reports", ["Text", "Recordings", "Faults", "Reactions"]),
    (
        "weir",
        ["Text", "Platform", "Recordings", "Faults", "Engine", "Reactions", "Reports"]
    ),
]

@Suite struct ImportTests {
    @Test func `every target imports only what the house allows it`() {
        expectNone(SourceTree.sources.flatMap(forbiddenImports))
    }

    @Test func `an import that is not on the list is seen, whatever stands before it`() {
        let file = SourceFile(
            path: "Sources/Faults/Example.swift",
            text: "// import Platform\nimport Text\n@preconcurrency package import Glibc\n"
                + "import struct Foundation.Date\n")
        #expect(forbiddenImports(in: file).map(\.line) == [3, 4])
    }

    @Test func `the folders in Sources are the targets of the house`() {
        let folders = Set(SourceTree.files.filter { $0.path.hasPrefix("Sources/") }.map(\.target))
        #expect(folders.subtracting([""]) == Set(house.map(\.target)))
    }

    @Test func `Package.swift tells the story in order, with a comment for each target`() throws {
        let package = try #require(SourceTree.file("Package.swift"))
        let targets = declaredTargets(in: package).filter { !$0.isTest }
        let inSources = targets.filter { declared in house.contains { $0.target == declared.name } }
        #expect(inSources.map(\.name) == house.map(\.target))
        expectNone(
            targets.filter { !$0.hasComment }.map {
                Violation(path: package.path, line: $0.line, what: "\($0.name) has no comment")
            })
    }

    @Test func `Sources/README.md shows the same table`() throws {
        let document = try #require(SourceTree.file("Sources/README.md"))
        let own = Set(house.map(\.target))
        for (target, mayImport) in house {
            let row = document.lines.first { $0.hasPrefix("| `\(target)`") }
            let cells = try #require(row, "no row for \(target)").split(separator: "|")
            let shown = Set(cells[1].split { !$0.isLetter }.map(String.init)).intersection(own)
            #expect(shown == mayImport.intersection(own), "the row of \(target)")
        }
    }
}

private func forbiddenImports(in file: SourceFile) -> [Violation] {
    let allowed = house.first { $0.target == file.target }?.mayImport ?? []
    return file.code.enumerated().compactMap { index, line in
        guard let module = importedModule(line), !allowed.contains(module) else { return nil }
        let what = "\(file.target) may not import \(module)"
        return Violation(path: file.path, line: index + 1, what: what)
    }
}

/// `Foundation` of `@preconcurrency package import struct Foundation.Date`.
private func importedModule(_ line: String) -> String? {
    let words = line.split(separator: " ")
    guard let place = words.firstIndex(of: "import"),
        words[..<place].allSatisfy({ $0.hasPrefix("@") || accessLevels.contains($0) })
    else { return nil }
    let rest = words[(place + 1)...].drop { importKinds.contains($0) }
    return rest.first?.split(separator: ".").first.map(String.init)
}

private let accessLevels: Set<Substring> = [
    "public", "package", "internal", "private", "fileprivate",
]
private let importKinds: Set<Substring> = [
    "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
]

private struct DeclaredTarget {
    var name: String
    var line: Int
    var isTest: Bool
    var hasComment: Bool
}

/// The targets of Package.swift, read as text: each begins a line, its name is the first string.
private func declaredTargets(in package: SourceFile) -> [DeclaredTarget] {
    let kinds = [".target(", ".executableTarget(", ".testTarget("]
    return package.lines.indices.compactMap { index in
        let line = package.lines[index].drop { $0 == " " }
        guard kinds.contains(where: { line.hasPrefix($0) }) else { return nil }
        let strings = package.lines[index...].prefix(2).joined().split(
            separator: "\"", omittingEmptySubsequences: false)
        guard strings.count > 1, index > 0 else { return nil }
        return DeclaredTarget(
            name: String(strings[1]), line: index + 1, isTest: line.hasPrefix(".testTarget("),
            hasComment: package.lines[index - 1].drop { $0 == " " }.hasPrefix("//"))
    }
}
