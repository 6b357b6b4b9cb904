import Recordings
import Text

/// A recording's overview for people: what `weir show FILE` prints.
package struct OverviewText: Sendable {
    /// More connections than this are not listed; `--connection` shows any of them.
    package static let shownConnections = 40
    /// More damages than this are not listed; `weir check` lists all.
    package static let shownDamages = 5

    private let overview: RecordingOverview

    package init(_ overview: RecordingOverview) { self.overview = overview }

    /// All lines, each with its end.
    package var text: String {
        lines.map { $0 + "\n" }.joined()
    }

    private var lines: [String] {
        var lines = [headline] + origin
        lines.append("  " + overview.framing)
        if let sentence = overview.state.sentence { lines.append("  " + sentence) }
        lines += troubles
        guard !overview.summary.connections.isEmpty else { return lines }
        lines.append("")
        lines += table.lines()
        let count = overview.summary.connections.count
        if count > Self.shownConnections {
            let rest = UInt64(count - Self.shownConnections).grouped
            lines.append("… and \(rest) connections more; --connection N shows one, --json all")
        }
        return lines
    }

    private var headline: String {
        let summary = overview.summary
        let lasted = (summary.notes.last ?? .start).nanoseconds(since: .start)
        let connections = UInt64(summary.connections.count).counted("connection")
        return "\(EscapedText(overview.path)): \(connections), "
            + "\(amount(summary.bytes.upstream)) upstream, \(amount(summary.bytes.downstream)) "
            + "downstream in \(TimeAmount(nanoseconds: lasted).forPeople)"
    }

    private var origin: [String] {
        let header = overview.header
        var lines: [String] = []
        if header.wallClockStart > 0 {
            let start = Timestamp(nanoseconds: header.wallClockStart)
            let tool =
                header.toolVersion.isEmpty ? "" : " by weir \(EscapedText(header.toolVersion))"
            lines.append("  begun \(start)\(tool)")
        }
        for route in header.routes {
            lines.append(
                "  \(EscapedText(route.name)): clients at \(EscapedText(route.listen)), "
                    + "the server at \(EscapedText(route.upstream))")
        }
        return lines
    }

    private var troubles: [String] {
        let summary = overview.summary
        var lines: [String] = []
        if summary.refusals > 0 {
            lines.append("  \(summary.refusals.counted("connection")) did not reach the server")
        }
        if overview.gaps > 0 {
            let known = overview.missingBytes > 0 ? ", \(amount(overview.missingBytes)) in all" : ""
            lines.append("  \(overview.gaps.counted("gap")) where bytes are missing\(known)")
        }
        if summary.connections.contains(where: \.hasAuthentication) {
            lines.append("  it holds credentials: keep it as secret as they are")
        }
        lines += overview.damages.prefix(Self.shownDamages).map { "  damaged: \($0)" }
        if overview.damages.count > Self.shownDamages {
            lines.append("  and further damages; weir check lists them")
        }
        return lines
    }

    private var table: TextTable {
        var table = TextTable([
            .init("connection", .right), .init("client"), .init("opened", .right),
            .init("lasted", .right), .init("upstream", .right), .init("messages", .right),
            .init("downstream", .right), .init("messages", .right), .init("ended"),
        ])
        for connection in overview.summary.connections.prefix(Self.shownConnections) {
            table.append(row(connection))
        }
        return table
    }

    private func row(_ connection: RecordingSummary.Connection) -> [String] {
        let number =
            connection.attempt > 1
            ? "\(connection.number).\(connection.attempt)" : "\(connection.number)"
        var remarks = connection.ending.description
        if connection.gaps > 0 { remarks += ", \(connection.gaps.counted("gap"))" }
        for direction in Direction.allCases {
            if let why = connection[direction].opaque, overview.summary.isFramed {
                remarks += ", \(direction.name) not read as messages: \(EscapedText(why))"
            }
        }
        let lasted = connection.opened.flatMap { opened in
            connection.ended.map { TimeAmount(nanoseconds: $0.nanoseconds(since: opened)) }
        }
        let opened = connection.opened.map { TimeAmount(nanoseconds: $0.nanoseconds) }
        return [
            number, connection.client.isEmpty ? "-" : "\(EscapedText(connection.client))",
            opened?.forPeople ?? "-", lasted?.forPeople ?? "-",
            amount(connection.upstream.bytes), messages(connection.upstream),
            amount(connection.downstream.bytes), messages(connection.downstream), remarks,
        ]
    }

    private func messages(_ link: RecordingSummary.Link) -> String {
        link.messages > 0 ? link.messages.grouped : "-"
    }

    private func amount(_ bytes: UInt64) -> String { ByteCount(bytes: bytes).forPeople }
}

extension RecordingSummary {
    /// Its bytes were read as messages, as far as that went.
    fileprivate var isFramed: Bool {
        connections.contains { $0.upstream.messages + $0.downstream.messages > 0 }
    }
}
