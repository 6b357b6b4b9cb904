import Text

/// Where a report is shown: how wide, and whether with colours.
package struct ReportPage: Sendable {
    /// Columns.
    package var width: Int
    package var isColored: Bool

    package init(width: Int = 80, isColored: Bool = false) {
        self.width = min(max(width, Self.narrowest), Self.widest)
        self.isColored = isColored
    }

    /// A narrower terminal breaks the lines by itself.
    private static let narrowest = 60
    /// Beyond this lines are hard to follow.
    private static let widest = 120
    /// What stands before a line's text: `compared      `.
    static let labelWidth = 14

    func styled(_ text: String, _ style: TextStyle) -> String {
        isColored ? style.applied(to: text) : text
    }

    /// `label         text`, broken between words where it is too long; later lines begin below the
    /// first one's text. A word that is too long by itself is left whole, so that it can be copied.
    func labelled(_ label: String, _ text: String, indent: Int = 0) -> [String] {
        let start = indent + Self.labelWidth
        let margin = String(repeating: " ", count: indent)
        let space = String(repeating: " ", count: max(1, Self.labelWidth - label.count))
        var lines: [String] = []
        for line in broken(text, width: width - start) {
            lines.append(
                lines.isEmpty
                    ? margin + label + space + line : String(repeating: " ", count: start) + line)
        }
        return lines
    }

    /// Broken between words.
    func broken(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var columns = 0
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let wide = PrintableText(String(word)).columns
            if columns > 0, columns + 1 + wide > width {
                lines.append(line)
                (line, columns) = ("", 0)
            }
            if columns > 0 {
                line += " "
                columns += 1
            }
            line += word
            columns += wide
        }
        return lines + [line]
    }
}
