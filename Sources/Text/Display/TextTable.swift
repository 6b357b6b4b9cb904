/// Rows in aligned columns, two spaces between them:
///
/// ```
/// connection  client            bytes
///          3  127.0.0.1:41234   4.2 MiB
/// ```
///
/// Cells are shown as they are: what came from outside is made an `EscapedText` first.
package struct TextTable: Sendable {
    /// Which side of its column a cell stands on.
    package enum Alignment: Sendable { case left, right }

    /// A column's title and side.
    package struct Column: Sendable {
        package var title: String
        package var alignment: Alignment

        package init(_ title: String, _ alignment: Alignment = .left) {
            self.title = title
            self.alignment = alignment
        }
    }

    package let columns: [Column]
    package private(set) var rows: [[String]] = []

    /// - Parameter columns: where all titles are empty there is no line of titles.
    package init(_ columns: [Column]) { self.columns = columns }

    /// Missing cells are empty; surplus ones are not shown.
    package mutating func append(_ cells: [String]) { rows.append(cells) }

    /// One a row, without line ends and without spaces at the end.
    /// - Parameter indent: spaces before each.
    package func lines(indent: Int = 0) -> [String] {
        let hasTitles = columns.contains { !$0.title.isEmpty }
        let all = (hasTitles ? [columns.map(\.title)] : []) + rows
        let widths = columns.indices.map { index in
            all.map { index < $0.count ? $0[index].count : 0 }.max() ?? 0
        }
        return all.map { row in
            var line = String(repeating: " ", count: indent)
            for (index, column) in columns.enumerated() {
                if index > 0 { line += "  " }
                let cell = index < row.count ? row[index] : ""
                let space = String(repeating: " ", count: widths[index] - cell.count)
                line += column.alignment == .left ? cell + space : space + cell
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
