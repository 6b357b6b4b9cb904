import Reactions
import Text

/// Expected and actual bytes, one above the other in hexadecimal and as text, with `^` under each
/// that differs:
///
/// ```
/// expected 3a 39    0d 0a                                    :9 ..
/// actual   3a 31 30 0d 0a                                    :10..
///             ^^ ^^                                           ^^
/// ```
/// What ends alike stands under each other, where both are there to their end. A row that is the
/// same in both is shown once.
struct SideBySide {
    private struct Column {
        var expected: UInt8?
        var actual: UInt8?

        var differs: Bool { expected != actual }
    }

    private let columns: [Column]
    private let offset: UInt64
    private let page: ReportPage

    /// - Parameter offset: the first byte's place in the whole.
    init(
        expected: [UInt8], actual: [UInt8], offset: UInt64, areWhole: Bool, on page: ReportPage
    ) {
        self.offset = offset
        self.page = page
        let shorter = min(expected.count, actual.count)
        let longer = max(expected.count, actual.count)
        let prefix = (0..<shorter).first { expected[$0] != actual[$0] } ?? shorter
        var suffix = 0
        if areWhole {
            while suffix < shorter - prefix,
                expected[expected.count - 1 - suffix] == actual[actual.count - 1 - suffix]
            {
                suffix += 1
            }
        }
        // The middle is as wide as the longer one's.
        columns = (0..<longer).map { place in
            let isEnd = place >= longer - suffix
            func byte(_ bytes: [UInt8]) -> UInt8? {
                let place = isEnd ? place - longer + bytes.count : place
                let end = isEnd ? bytes.count : bytes.count - suffix
                return place < end ? bytes[place] : nil
            }
            return Column(expected: byte(expected), actual: byte(actual))
        }
    }

    init(_ difference: Difference, on page: ReportPage) {
        let (end, overflow) = difference.excerptOffset.addingReportingOverflow(
            UInt64(difference.expected.count))
        let isWhole =
            !overflow && end >= difference.expectedBytes
            && difference.actual.count < Difference.excerptBytes
        self.init(
            expected: difference.expected, actual: difference.actual,
            offset: difference.excerptOffset, areWhole: isWhole, on: page)
    }

    func lines(indent: Int) -> [String] {
        let perRow = page.width >= 112 ? 24 : 16
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        for start in stride(from: 0, to: columns.count, by: perRow) {
            let row = Array(columns[start..<min(columns.count, start + perRow)])
            let (place, overflow) = offset.addingReportingOverflow(UInt64(start))
            if place > 0, !overflow { lines.append("\(margin)from byte \(place.grouped) on") }
            guard row.contains(where: \.differs) else {
                lines.append(margin + "both     " + text(row, perRow, \.expected, nil))
                continue
            }
            lines.append(margin + "expected " + text(row, perRow, \.expected, .green))
            lines.append(margin + "actual   " + text(row, perRow, \.actual, .red))
            lines.append(margin + "         " + marks(row, perRow))
        }
        return lines
    }

    private func text(
        _ row: [Column], _ perRow: Int, _ side: KeyPath<Column, UInt8?>, _ style: TextStyle?
    ) -> String {
        var hex = ""
        var text = ""
        for index in 0..<perRow {
            if index > 0 { hex += index % 8 == 0 ? "  " : " " }
            guard index < row.count, let byte = row[index][keyPath: side] else {
                hex += "  "
                text += " "
                continue
            }
            let digits = String(byte, radix: 16)
            let character =
                0x20...0x7e ~= byte ? String(Character(Unicode.Scalar(byte))) : "."
            let number = digits.count == 1 ? "0" + digits : digits
            let isMarked = row[index].differs
            hex += isMarked ? styled(number, style) : number
            text += isMarked ? styled(character, style) : character
        }
        return (hex + "  " + text).withoutTrailingSpaces
    }

    private func marks(_ row: [Column], _ perRow: Int) -> String {
        var hex = ""
        var text = ""
        for index in 0..<perRow {
            if index > 0 { hex += index % 8 == 0 ? "  " : " " }
            let isMarked = index < row.count && row[index].differs
            hex += isMarked ? "^^" : "  "
            text += isMarked ? "^" : " "
        }
        return (hex + "  " + text).withoutTrailingSpaces
    }

    private func styled(_ text: String, _ style: TextStyle?) -> String {
        style.map { page.styled(text, $0) } ?? text
    }
}

extension String {
    var withoutTrailingSpaces: String {
        guard let last = lastIndex(where: { $0 != " " }) else { return "" }
        return String(self[...last])
    }
}
