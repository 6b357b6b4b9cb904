/// Text from outside as one line that people can read in their own language: letters of all scripts
/// stay, and what acts on a terminal or cannot be seen is escaped as in `EscapedText`.
///
/// Unlike that it is not for bytes, and is not read back.
package struct PrintableText: Hashable, Sendable, CustomStringConvertible {
    package let description: String
    /// How many columns of a terminal it takes.
    package let columns: Int

    /// - Parameter limit: columns that are shown; `…` stands for the rest, within them.
    package init(_ text: String, limit: Int = .max) {
        var shown = ""
        var columns = 0
        // As far as it fits beside the `…`.
        var cut = (text: "", columns: 0)
        var marks = 0
        for scalar in text.unicodeScalars {
            let width = Self.width(scalar)
            // A letter under hundreds of accents is an attack on the terminal, not a letter.
            marks = width == 0 ? marks + 1 : 0
            let plain = marks > Self.mostMarks ? nil : width.map { (String(scalar), $0) }
            let (piece, wide) = plain ?? Self.escaped(scalar)
            guard columns + wide <= limit else {
                description = cut.text + (limit > 0 ? "…" : "")
                self.columns = cut.columns + (limit > 0 ? 1 : 0)
                return
            }
            shown += piece
            columns += wide
            if columns < limit { cut = (shown, columns) }
        }
        description = shown
        self.columns = columns
    }

    /// The text with spaces behind it, up to so many columns.
    package func padded(to width: Int) -> String {
        description + String(repeating: " ", count: max(0, width - columns))
    }

    private static let mostMarks = 4

    private static func escaped(_ scalar: Unicode.Scalar) -> (String, Int) {
        let text =
            scalar.value < 0x80
            ? EscapedText(String(scalar)).description
            : "\\u{\(String(scalar.value, radix: 16))}"
        return (text, text.utf8.count)
    }

    /// Columns that a terminal gives it; nil where it is not to be shown as it is.
    private static func width(_ scalar: Unicode.Scalar) -> Int? {
        if 0x20...0x7e ~= scalar.value { return 1 }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            return nil
        case .nonspacingMark, .enclosingMark: return 0
        default: return wide.contains { $0 ~= scalar.value } ? 2 : 1
        }
    }

    /// The ranges of East Asian wide and full-width characters (Unicode Annex 11), and of emoji.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115f, 0x231a...0x231b, 0x2329...0x232a, 0x23e9...0x23ec, 0x25fd...0x25fe,
        0x2614...0x2615, 0x2648...0x2653, 0x26a1...0x26a1, 0x26aa...0x26ab, 0x2705...0x2705,
        0x270a...0x270b, 0x2728...0x2728, 0x274c...0x274c, 0x2753...0x2755, 0x2757...0x2757,
        0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xa000...0xa4cf,
        0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
        0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f680...0x1f6ff, 0x1f900...0x1faff,
        0x20000...0x3fffd,
    ]
}
