import Text

/// How the log is written.
enum LogFormat: String, Sendable, CaseIterable {
    case text, json
}

/// How much a line of the log matters.
enum LogLevel: String, Sendable {
    case info, warning, error
}

/// Writes lines about what happens as text for people or as JSON Lines for machines.
///
/// It decides what a line looks like and whether it is shown; where it goes and what time it is are
/// handed in.
struct Log {
    var format = LogFormat.text
    /// Only warnings and errors.
    var isQuiet = false
    private let clock: () -> Timestamp

    init(format: LogFormat = .text, isQuiet: Bool = false, clock: @escaping () -> Timestamp) {
        self.format = format
        self.isQuiet = isQuiet
        self.clock = clock
    }

    /// The line with its end; nil where it is not shown.
    /// - Parameters:
    ///   - type: names the kind of line for machines, and stays: `connection_ended`.
    ///   - message: for people; one line, without what came from outside unescaped.
    ///   - fields: writes further members for machines.
    func line(
        _ level: LogLevel, _ type: String, _ message: String,
        fields: (inout JSONWriter) -> Void = { _ in }
    ) -> String? {
        guard !isQuiet || level != .info else { return nil }
        switch format {
        case .text:
            let prefix = level == .info ? "" : level.rawValue + ": "
            return "weir: \(prefix)\(message.withoutControls)\n"
        case .json:
            var writer = JSONWriter()
            writer.object { line in
                line.member("type", type)
                line.member("time", clock())
                line.member("level", level.rawValue)
                line.member("message", message)
                fields(&line)
            }
            writer.endLine()
            return writer.text
        }
    }
}

extension String {
    /// With control characters escaped, as a file's name may hold them: nothing acts on a terminal,
    /// and it stays one line.
    fileprivate var withoutControls: String {
        guard unicodeScalars.contains(where: { Self.isControl($0) }) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            if Self.isControl(scalar) {
                text += EscapedText(String(scalar)).description
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
    }
}
