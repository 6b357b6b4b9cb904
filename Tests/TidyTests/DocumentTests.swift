import Testing

@Suite struct DocumentTests {
    @Test(arguments: ["Sources", "Tests", "Scripts"])
    func `a folder's README explains what is in it`(folder: String) {
        #expect(SourceTree.exists("\(folder)/README.md"))
    }

    @Test func `a document has one title, in its first line`() {
        expectNone(
            SourceTree.documents.flatMap { file in
                let titles = prose(of: file).filter { $0.text.hasPrefix("# ") }.map(\.line)
                let wrong = titles.first == 1 ? Array(titles.dropFirst()) : [1]
                return wrong.map { line in
                    Violation(path: file.path, line: line, what: "one title, in the first line")
                }
            })
    }

    @Test func `a document links to what exists`() {
        expectNone(SourceTree.documents.flatMap(brokenLinks))
    }

    @Test func `a source opens with a doc comment or an import`() {
        expectNone(
            SourceTree.sources.compactMap { file in
                let first = file.lines.first ?? ""
                let opens = first.hasPrefix("///") || first.hasPrefix("import ")
                if opens || file.path.hasSuffix("/main.swift") { return nil }
                return Violation(
                    path: file.path, line: 1, what: "open with a sentence on what it is")
            })
    }

    @Test func `a title in an example is not a title, and a broken link is seen`() {
        let file = SourceFile(
            path: "Sources/README.md",
            text: """
                # Title
                ```
                # not a title
                [not](a-link)
                ```
                [tests](../Tests/TidyTests), [gone](../Tests/Gone.swift), [web](https://swift.org)
                """)
        #expect(prose(of: file).map(\.line) == [1, 6])
        #expect(brokenLinks(in: file).map(\.what) == ["nothing stands at ../Tests/Gone.swift"])
    }
}

/// The lines that are not in a fenced example.
private func prose(of file: SourceFile) -> [(line: Int, text: String)] {
    var inExample = false
    return file.lines.enumerated().compactMap { index, text in
        if text.drop(while: { $0 == " " }).hasPrefix("```") {
            inExample.toggle()
            return nil
        }
        return inExample ? nil : (index + 1, text)
    }
}

/// Relative links to files that are not there.
private func brokenLinks(in file: SourceFile) -> [Violation] {
    let folder = file.path.split(separator: "/").dropLast().joined(separator: "/")
    return prose(of: file).flatMap { line, text in
        text.split(separator: "](", omittingEmptySubsequences: false).dropFirst().compactMap {
            part in
            let target = part.prefix { $0 != ")" && $0 != "#" }
            if target.isEmpty || target.contains("://") { return nil }
            if SourceTree.exists("\(folder)/\(target)") { return nil }
            return Violation(path: file.path, line: line, what: "nothing stands at \(target)")
        }
    }
}
