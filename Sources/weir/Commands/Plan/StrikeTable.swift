import Faults
import Recordings
import Text

/// A schedule for people: the conditions, each strike in recorded order, and what it comes to.
///
/// Rows are shown a page at a time, so that a long schedule needs no more memory than a short one.
struct StrikeTable {
    private static let pageRows = 5_000

    private struct Tally {
        var planned: UInt64 = 0
        var preempted: UInt64 = 0
        var skipped: UInt64 = 0
    }

    private let rules: [Rule]
    private var tallies: [String: Tally] = [:]
    private var conditions: TextTable
    private var conditionCount = 0
    private var page: TextTable
    private var isFirstPage = true

    init(rules: [Rule]) {
        self.rules = rules
        conditions = TextTable(
            ["condition", "connections", "settings", "label"].map { TextTable.Column($0) })
        page = Self.emptyPage(hasTitles: true)
    }

    mutating func add(_ condition: Condition) {
        var limits: [String] = []
        if let route = condition.route {
            limits.append("route \(EscapedText(route.name, limit: 60))")
        }
        if let rule = rules.first(where: { $0.name == condition.id }) {
            if condition.chance < condition.outOf { limits.append("chance \(rule.target.chance)") }
            if let messages = rule.target.messages { limits.append("messages \(messages)") }
            if let window = rule.target.window { limits.append("window \(window)") }
        }
        conditionCount += 1
        conditions.append([
            condition.id, ([condition.connectionsText] + limits).joined(separator: ", "),
            "\(condition.effect.kind.name) \(condition.effect.settingsText)",
            condition.effect.kind.label.rawValue,
        ])
    }

    mutating func add(_ next: ScheduledStrike) {
        let strike = next.strike
        var what = strike.effect.faultName
        let settings = strike.effect.settingsText
        if !settings.isEmpty { what += " " + settings }
        if strike.lastMessage != strike.message { what += " (to message \(strike.lastMessage))" }
        var tally = tallies[strike.rule] ?? Tally()
        let note: String
        switch strike.state {
        case .planned:
            tally.planned += 1
            note = ""
        case .preempted(let other):
            tally.preempted += 1
            note = "pre-empted by \(other)"
        case .skipped(let reason):
            tally.skipped += 1
            note = "skipped: \(EscapedText(reason))"
        }
        tallies[strike.rule] = tally
        page.append([
            strike.connection == 0 ? "" : Self.seconds(next.instant), strike.id, what,
            strike.label.rawValue, note,
        ])
    }

    /// The rows so far, once they fill a page.
    mutating func takeFullPage() -> String? {
        guard page.rows.count >= Self.pageRows else { return nil }
        return takePage()
    }

    /// What was not shown yet, and the sums.
    mutating func rest(_ counts: ScheduleCounts) -> String {
        var text = page.rows.isEmpty && !isFirstPage ? "" : takePage()
        if counts.strikes > 0 { text += "\n" }
        text += "\(Self.count(counts.conditions, "condition")), "
        text += "\(Self.count(counts.strikes, "strike")): \(counts.planned.grouped) planned, "
        text += "\(counts.preempted.grouped) pre-empted, \(counts.skipped.grouped) skipped\n"
        for rule in rules where rule.fault is any StrikeFault {
            let tally = tallies[rule.name] ?? Tally()
            text += "  \(rule.name): \(tally.planned.grouped) planned"
            if tally.preempted > 0 { text += ", \(tally.preempted.grouped) pre-empted" }
            if tally.skipped > 0 { text += ", \(tally.skipped.grouped) skipped" }
            text += "\n"
        }
        return text
    }

    private mutating func takePage() -> String {
        var lines: [String] = []
        if isFirstPage && conditionCount > 0 {
            lines = conditions.lines()
            if !page.rows.isEmpty { lines.append("") }
        }
        if !page.rows.isEmpty { lines += page.lines() }
        isFirstPage = false
        page = Self.emptyPage(hasTitles: false)
        return lines.map { $0 + "\n" }.joined()
    }

    private static func emptyPage(hasTitles: Bool) -> TextTable {
        func title(_ text: String) -> String { hasTitles ? text : "" }
        return TextTable([
            .init(title("time"), .right), .init(title("strike")), .init(title("does")),
            .init(title("label")), .init(title("")),
        ])
    }

    /// `12.345678 s`, with all places, so that they stand under each other.
    private static func seconds(_ instant: Instant) -> String {
        let microseconds = max(0, instant.nanoseconds) / 1_000
        let fraction = String(microseconds % 1_000_000)
        let zeros = String(repeating: "0", count: 6 - fraction.count)
        return "\(microseconds / 1_000_000).\(zeros)\(fraction) s"
    }

    private static func count(_ number: UInt64, _ noun: String) -> String {
        "\(number.grouped) \(noun)" + (number == 1 ? "" : "s")
    }
}
