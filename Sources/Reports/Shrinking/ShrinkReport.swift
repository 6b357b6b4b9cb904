import Faults
import Reactions
import Text

/// What a search for the smallest test came to: how much is left of what, and how to see it again.
package struct ShrinkReport: Hashable, Sendable {
    /// Of how many, how many are left.
    package struct Share: Hashable, Sendable {
        package var left: UInt64
        package var of: UInt64

        package init(_ left: UInt64, of total: UInt64) {
            self.left = left
            self.of = total
        }
    }

    /// Why it ended.
    package enum Ending: Hashable, Sendable {
        case searched(Shrinker.Ending)
        case outOfTime
        case interrupted

        package var name: String {
            switch self {
            case .searched(let ending): ending.rawValue
            case .outOfTime: "out-of-time"
            case .interrupted: "interrupted"
            }
        }
    }

    /// The run that was shrunk, and the symptom that was looked for.
    package var run: String
    package var symptom: Symptom
    package var ending: Ending
    /// What is left of what strikes, by their ids.
    package var strikes: [String]
    package var conditions: [String]
    package var plannedStrikes: UInt64
    package var plannedConditions: UInt64
    package var messages: Share
    package var connections: Share
    /// Whether the smallest one is replayed as fast as it goes, where the test was not.
    package var isAsap: Bool
    /// How often the smallest one showed it in the end; of none where the search did not end.
    package var confirmation: Blame.Count
    package var candidates: UInt64
    /// Clean ones too.
    package var replays: UInt64
    package var nanoseconds: Int64
    /// Where the smallest test lies, and the command line that runs it; nil where it never showed.
    package var folder: String?
    package var repeating: String?
    /// The command line that goes on; nil where nothing can be taken away any more.
    package var resuming: String?

    package init(
        run: String, symptom: Symptom, ending: Ending, best: ShrinkCandidate, of schedule: Schedule,
        messages: Share, connections: Share, isAsap: Bool, confirmation: Blame.Count,
        candidates: UInt64, replays: UInt64, nanoseconds: Int64
    ) {
        self.run = run
        self.symptom = symptom
        self.ending = ending
        strikes = best.strikes.map(\.id)
        conditions = best.conditions.map(\.id)
        plannedStrikes = UInt64(schedule.strikes.count(where: \.isPlanned))
        plannedConditions = UInt64(schedule.conditions.count)
        self.messages = messages
        self.connections = connections
        self.isAsap = isAsap
        self.confirmation = confirmation
        self.candidates = candidates
        self.replays = replays
        self.nanoseconds = nanoseconds
    }
}

// MARK: - For people

extension ShrinkReport {
    /// More ids than this are not listed in the text.
    private static let shownStrikes = 16

    package var text: String {
        var lines = [headline, "  " + symptom.sentence, ""]
        func add(_ name: String, _ words: String) {
            lines.append(name + String(repeating: " ", count: max(1, 13 - name.count)) + words)
        }
        if folder != nil {
            add("strikes", list(strikes, of: plannedStrikes))
            if plannedConditions > 0 { add("conditions", list(conditions, of: plannedConditions)) }
            add(
                "recording",
                "\(messages.left.grouped) of \(messages.of.grouped) messages, "
                    + "\(connections.left.grouped) of \(connections.of.grouped) connections"
                    + (isAsap ? ", as fast as it goes" : ""))
        }
        if confirmation.runs > 0 { add("shows again", "in \(confirmation.text) runs\(doubt)") }
        add(
            "took",
            "\(replays.grouped) replays of \(candidates.grouped) candidates, "
                + TimeAmount(nanoseconds: nanoseconds).forPeople)
        if let folder { add("kept in", "\(EscapedText(folder))") }
        if let repeating { add("repeat it", repeating) }
        if let resuming { add("go on", resuming) }
        return lines.map { $0 + "\n" }.joined()
    }

    private var doubt: String {
        confirmation.shown < confirmation.runs ? ": it comes and goes" : ""
    }

    private var headline: String {
        let left = UInt64(strikes.count + conditions.count)
        let total = plannedStrikes + plannedConditions
        let what = "\(left.grouped) of \(total.grouped) \(total == 1 ? "fault" : "faults")"
        switch ending {
        case .searched(.smallest):
            return left == 1
                ? "\(what) is enough:" : "\(what) are enough, and none of them can be left out:"
        case .searched(.notRepeated):
            return "not repeated: the symptom did not show again, so that nothing can be shrunk:"
        case .searched(.outOfReplays):
            return "\(what) left when --max-runs was reached, perhaps more than it takes:"
        case .outOfTime:
            return "\(what) left when --max-time was over, perhaps more than it takes:"
        case .interrupted: return "\(what) left when it was interrupted:"
        }
    }

    private func list(_ ids: [String], of total: UInt64) -> String {
        guard !ids.isEmpty else { return "none of \(total.grouped)" }
        let shown = ids.prefix(Self.shownStrikes).map { "\(EscapedText($0, limit: 60))" }
        let rest = ids.count - shown.count
        return "\(ids.count) of \(total.grouped): " + shown.joined(separator: ", ")
            + (rest > 0 ? " and \(rest) more" : "")
    }
}

// MARK: - For machines

extension ShrinkReport {
    package static let version: UInt64 = 1

    package func json(_ style: JSONWriter.Style = .compact) -> String {
        var writer = JSONWriter(style)
        writer.object { object in
            object.member("version", Self.version)
            object.member("run", run)
            object.member("symptom", symptom.kind.rawValue)
            object.member("found", symptom.sentence)
            object.member("ended", ending.name)
            object.member("strikes", array: { list in for id in strikes { list.value(id) } })
            object.member("conditions", array: { list in for id in conditions { list.value(id) } })
            object.member("planned_strikes", plannedStrikes)
            object.member("planned_conditions", plannedConditions)
            object.member("messages", messages.left)
            object.member("messages_of", messages.of)
            object.member("connections", connections.left)
            object.member("connections_of", connections.of)
            object.member("asap", isAsap)
            object.member("shown", confirmation.shown)
            object.member("shown_of", confirmation.runs)
            object.member("candidates", candidates)
            object.member("replays", replays)
            object.member("took_ns", nanoseconds)
            object.member("folder", folder)
            object.member("repeat", repeating)
            object.member("resume", resuming)
        }
        writer.endLine()
        return writer.text
    }
}
