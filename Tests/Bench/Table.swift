/// The results as text: one table a workload, everything as multiples of the yardstick.
struct Table {
    let results: Results
    let rivals: [Rival]

    func text(of workload: any Workload) -> String {
        var columns = [["", ""] + rivals.map(\.name)]
        for measure in workload.measures {
            let arrow = measure.isBetterWhenHigher ? "more is better" : "less is better"
            columns.append(
                ["\(measure.name), \(measure.unit)", arrow]
                    + rivals.map { ratio(workload, measure.name, $0.name) })
            columns.append(
                ["lowest–", "highest"] + rivals.map { spread(workload, measure.name, $0.name) })
        }
        columns.append(["CPU", "less"] + rivals.map { cpu(workload, $0.name) })
        return "\(workload.title)   (\(yardsticks(of: workload)))\n" + Self.align(columns)
    }

    /// What 1 stands for.
    private func yardsticks(of workload: any Workload) -> String {
        let parts = workload.measures.compactMap { measure -> String? in
            let values = results.values(workload.title, measure.name, Rival.yardstick)
            return values.median.map { "\(Self.significant($0)) \(measure.unit)" }
        }
        return "\(Rival.yardstick) = 1: " + parts.joined(separator: ", ")
    }

    private func ratio(_ workload: any Workload, _ measure: String, _ rival: String) -> String {
        let ratios = results.ratios(workload.title, measure, rival, to: Rival.yardstick)
        return ratios.median.map(Self.hundredths) ?? "–"
    }

    private func spread(_ workload: any Workload, _ measure: String, _ rival: String) -> String {
        let ratios = results.ratios(workload.title, measure, rival, to: Rival.yardstick)
        guard let lowest = ratios.min(), let highest = ratios.max() else { return "–" }
        return "\(Self.hundredths(lowest))–\(Self.hundredths(highest))"
    }

    private func cpu(_ workload: any Workload, _ rival: String) -> String {
        let ratios = results.ratios(workload.title, Results.cpu, rival, to: Rival.yardstick)
        let median = ratios.median ?? 0
        return median > 0 ? Self.hundredths(median) : "–"
    }

    /// Columns side by side, the first one to the left, the others to the right.
    private static func align(_ columns: [[String]]) -> String {
        let widths = columns.map { $0.map(\.count).max() ?? 0 }
        return (columns.first?.indices ?? 0..<0).map { row in
            let cells = zip(columns, widths).enumerated().map { index, column in
                let (cells, width) = column
                let padding = String(repeating: " ", count: width - cells[row].count)
                return index == 0 ? cells[row] + padding : padding + cells[row]
            }
            let line = "  " + cells.joined(separator: "   ")
            return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }

    static func hundredths(_ value: Double) -> String {
        let whole = Int((value * 100).rounded())
        let rest = String(whole % 100)
        return "\(whole / 100)." + (rest.count == 1 ? "0" : "") + rest
    }

    /// Three significant digits or so: 1.52, 15.2, 152, 152 000.
    static func significant(_ value: Double) -> String {
        if value < 10 { return hundredths(value) }
        if value < 100 { return "\((value * 10).rounded() / 10)" }
        return "\(Int(value.rounded()))"
    }
}
