import Testing

/// Limits with the exceptions that still stand. A ratchet turns one way: an exception that is no
/// longer needed fails, so that it is taken out of here.
private let longestLine = 100
private let longestFile = 400
private let longestFunction = 70
private let longerFiles: [String: Int] = [:]
private let longerFunctions: [String: Int] = [:]

@Suite struct SizeTests {
    @Test func `lines end by column 100`() {
        expectNone(SourceTree.swift.flatMap(longLines))
    }

    @Test func `a file is one idea`() {
        expectNone(
            SourceTree.swift.compactMap { file in
                let limit = longerFiles[file.path] ?? longestFile
                guard file.lineCount > limit else { return nil }
                let what = "\(file.lineCount) lines; at most \(limit)"
                return Violation(path: file.path, line: limit + 1, what: what)
            })
    }

    @Test func `a function fits a screen`() {
        expectNone(
            SourceTree.swift.flatMap { file in
                functions(in: file).compactMap { function in
                    let limit = longerFunctions["\(file.path) \(function.name)"] ?? longestFunction
                    guard function.length > limit else { return nil }
                    let what = "\(function.name) has \(function.length) lines; at most \(limit)"
                    return Violation(path: file.path, line: function.line, what: what)
                }
            })
    }

    @Test func `the exceptions are needed as they are`() {
        for (path, lines) in longerFiles {
            #expect(SourceTree.file(path)?.lineCount == lines, "\(path)")
        }
        let lengths = SourceTree.swift.flatMap { file in
            functions(in: file).map { ("\(file.path) \($0.name)", $0.length) }
        }
        let longest = Dictionary(lengths) { max($0, $1) }
        for (function, length) in longerFunctions {
            #expect(longest[function] == length, "\(function)")
        }
    }

    @Test func `functions are measured from their first line to their closing brace`() {
        let file = SourceFile(
            path: "Sources/Text/Example.swift",
            text: """
                protocol P {
                    func without(body: Int)
                    init(one: Int)
                }
                extension P {
                    @inline(always) package static func long(
                        a: Int, b: Int
                    ) throws -> Int {
                        let text = "}"
                        func inner() -> Int { 1 }
                        return inner()
                    }

                    deinit {
                        close()
                    }
                    let funcs = 1
                }
                """)
        let measured = functions(in: file).map { "\($0.name) \($0.line) \($0.length)" }
        #expect(measured == ["without 2 1", "init 3 1", "long 6 7", "inner 10 1", "deinit 14 3"])
    }
}

private func longLines(in file: SourceFile) -> [Violation] {
    file.lines.enumerated().compactMap { index, line in
        guard line.count > longestLine else { return nil }
        return Violation(path: file.path, line: index + 1, what: "\(line.count) columns")
    }
}

extension SourceFile {
    fileprivate var lineCount: Int { text.hasSuffix("\n") ? lines.count - 1 : lines.count }
}

private struct Function {
    var name: String
    var line: Int
    var length: Int
}

/// Every function, initialiser and deinitialiser. The format check keeps the indentation right, so
/// a function ends with the first brace that stands under its beginning.
private func functions(in file: SourceFile) -> [Function] {
    file.code.indices.compactMap { first in
        guard let name = functionName(file.code[first]) else { return nil }
        let indentation = file.code[first].indentation
        var last = first
        for index in file.code.indices[(first + 1)...] {
            let line = file.code[index]
            if line.allSatisfy({ $0 == " " }) || line.indentation > indentation { continue }
            let isClosing =
                line.indentation == indentation && "})".contains(line.trimmed.first ?? " ")
            guard isClosing else { break }
            last = index
            if line.trimmed.first == "}" { break }
        }
        return Function(name: name, line: first + 1, length: last - first + 1)
    }
}

/// The name of the function that a line declares.
private func functionName(_ line: String) -> String? {
    let words = line.trimmed.split { " (<?{".contains($0) }
    let isModifier = { (word: Substring) in word.first == "@" || modifiers.contains(word) }
    guard let place = words.firstIndex(where: { ["func", "init", "deinit"].contains($0) }),
        words[..<place].allSatisfy(isModifier)
    else { return nil }
    guard words[place] == "func" else { return String(words[place]) }
    return words.dropFirst(place + 1).first.map(String.init)
}

private let modifiers: Set<Substring> = [
    "public", "package", "internal", "private", "fileprivate", "static", "class", "final",
    "override", "mutating", "consuming", "borrowing", "nonisolated", "required", "convenience",
    "always)", "never)",
]

extension String {
    fileprivate var indentation: Int { prefix { $0 == " " }.count }
    fileprivate var trimmed: Substring { drop { $0 == " " } }
}
