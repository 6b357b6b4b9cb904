import Foundation

/// What `README.md` shows: commands in fences marked `sh`, and what they print in fences marked
/// `text` behind them.
///
/// `sh background` is typed into a terminal of its own: it goes on while the next ones run. A line
/// that begins with `# Ctrl-C` interrupts the last of them.
struct ReadmeDocument {
    struct Step {
        /// Where its fence stands.
        var line: Int
        /// Each with its continued lines joined.
        var commands: [String]
        var isBackground: Bool
        /// Lines of the output, in order; a line of `…` stands for any number of them.
        var expected: [String] = []
    }

    /// The repository's root, four steps up from this file.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private(set) var steps: [Step] = []

    init(_ text: String) {
        var fence: (info: Substring, line: Int, lines: [String])?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            guard line.hasPrefix("```") else {
                fence?.lines.append(String(line))
                continue
            }
            if let open = fence {
                close(open.info, open.line, open.lines)
                fence = nil
            } else {
                fence = (line.dropFirst(3), index + 1, [])
            }
        }
    }

    static func read() throws -> ReadmeDocument {
        ReadmeDocument(
            try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8))
    }

    private mutating func close(_ info: Substring, _ line: Int, _ lines: [String]) {
        switch info {
        case "sh", "sh background":
            let joined = lines.joined(separator: "\n").replacing("\\\n", with: "")
            let commands = joined.split(separator: "\n").map(String.init)
            steps.append(
                Step(line: line, commands: commands, isBackground: info.hasSuffix("background")))
        case "text" where !steps.isEmpty: steps[steps.count - 1].expected += lines
        default: break
        }
    }
}

/// Output that is compared although times, sizes and addresses differ from one run to the next.
struct MaskedOutput {
    private let lines: [String]

    init(_ text: String) {
        lines = text.split(separator: "\n").map { Self.mask(String($0)) }
    }

    /// The first expected line that does not come in its order; nil when all do. One that ends with
    /// `…` says how a line begins.
    func firstMissing(of expected: [String]) -> String? {
        var place = 0
        for line in expected where !line.allSatisfy({ $0 == " " }) && line != "…" {
            let masked = Self.mask(line)
            let found = lines[place...].firstIndex {
                masked.hasSuffix("…") ? $0.hasPrefix(masked.dropLast()) : $0 == masked
            }
            guard let found else { return line }
            place = found + 1
        }
        return nil
    }

    /// Numbers with their units become `N`, but not those in a strike's id, which are the same each
    /// time; runs of spaces become one space, and what is counted is one or many.
    static func mask(_ line: String) -> String {
        line.replacing(
            /(?<strike>[a-z]+@[0-9]+[ud][0-9]+)|[0-9][0-9.,]*( ?(ns|µs|ms|s|min|B|KiB|MiB)\b)?/
        ) { $0.strike.map(String.init) ?? "N" }
        .replacing(/[ ]+/, with: " ")
        .replacing(/N ([a-z]+?)s?\b/) { "N \($0.1)" }
    }
}
