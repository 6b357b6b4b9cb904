import Reactions
import Recordings
import Text

extension Symptom {
    /// What its timeline is about.
    package var timelineSubject: TimelineSubject {
        var probe: String?
        if case .probe(let name) = place { probe = name }
        let named = blame?.strikes ?? []
        return TimelineSubject(
            instant: instant, connection: place.connection, message: place.message, probe: probe,
            strikes: Set(named.isEmpty ? Array(suspects.prefix(4)) : named))
    }
}

/// Each symptom with all that speaks for it.
extension VerdictText {
    /// Symptoms that are told in full without being asked for all.
    package static let usualSymptoms = 3

    /// The symptoms of one run.
    package struct Evidence: Sendable {
        package var run: TestResult.JudgedRun
        /// The run's folder as it is found now, for commands to go on with.
        package var folder: String
        /// One for each of the first symptoms.
        package var timelines: [Timeline]
        /// Why there are none.
        package var note: String?
        /// How many symptoms are told.
        package var limit: Int

        package init(
            run: TestResult.JudgedRun, folder: String, timelines: [Timeline], note: String?,
            limit: Int
        ) {
            self.run = run
            self.folder = folder
            self.timelines = timelines
            self.note = note
            self.limit = limit
        }
    }

    /// A section for each symptom, to stand after the first screen.
    package func sections(_ evidence: Evidence) -> [String] {
        let groups = SymptomGroup.groups(evidence.run.judgement.symptoms)
        var sections: [String] = []
        for (index, group) in groups.prefix(evidence.limit).enumerated() {
            let symptom = group.first
            let timeline = index < evidence.timelines.count ? evidence.timelines[index] : nil
            let title =
                "seed \(evidence.run.seed), \(index + 1) of \(groups.count): "
                + symptom.kind.words
            var lines = [page.styled(title, .bold)]
            lines += page.broken(group.sentence, width: page.width - 2).map { "  " + $0 }
            lines += bytesLines(symptom)
            lines += page.labelled("strike", symptom.strikeList, indent: 2)
            lines += page.labelled("how sure", symptom.proof, indent: 2)
            for note in symptom.blame?.notes ?? [] {
                lines += page.labelled("", "\(PrintableText(note, limit: 200))", indent: 2)
            }
            lines += signLines(symptom.signs)
            lines += timelineLines(timeline, symptom, evidence)
            sections.append(lines.map { $0 + "\n" }.joined())
        }
        let rest = groups.dropFirst(evidence.limit).reduce(UInt64(0)) { $0 + $1.count }
        if rest > 0 {
            sections.append(
                "… \(rest.counted("symptom")) more of seed \(evidence.run.seed); "
                    + "--all shows them\n")
        }
        return sections
    }

    /// What was said more than once is told once.
    private func signLines(_ signs: [LoudSign]) -> [String] {
        guard !signs.isEmpty else { return page.labelled("it said", "nothing", indent: 2) }
        var told: Set<String> = []
        var lines: [String] = []
        for sign in signs where told.insert(sign.words).inserted {
            let count = UInt64(signs.count { $0.words == sign.words })
            let first = "\(count > 1 ? "first " : "")at \(Self.seconds(sign.instant)) s"
            let times = count > 1 ? " (\(count.counted("time")))" : ""
            lines += page.labelled("it said", "\(sign.words)\(times) \(first)", indent: 2)
        }
        return lines
    }

    private func bytesLines(_ symptom: Symptom) -> [String] {
        let rows: SideBySide
        switch symptom.evidence {
        case .bytes(let difference): rows = SideBySide(difference, on: page)
        case .missing(let expected, let bytes):
            let goesOn = UInt64(expected.count) < bytes ? ", of which these are the first" : ""
            let title = "  expected \(ByteCount(bytes: bytes).forPeople)\(goesOn); nothing came"
            return [title] + HexDump(expected.span).lines.map { "  " + $0 }
        case .resent(_, let request):
            return HexDump(request.span, limit: 64).lines.map { "  " + $0 }
        case .lateness, .exitCode, .words: return []
        }
        return rows.lines(indent: 2)
    }

    private func timelineLines(
        _ timeline: Timeline?, _ symptom: Symptom, _ evidence: Evidence
    ) -> [String] {
        guard let timeline else {
            return evidence.note.map {
                page.labelled("timeline", "\(PrintableText($0, limit: 200))", indent: 2)
            } ?? []
        }
        var rows = timeline.entries.map {
            Row(instant: $0.instant, who: $0.who.rawValue, connection: $0.connection, text: $0.text)
        }
        // Behind what happened at the same instant: that is what shows it.
        let place = rows.lastIndex { $0.instant <= symptom.instant }.map { $0 + 1 } ?? 0
        let here = Row(
            instant: symptom.instant, who: ">>>", connection: "",
            text: "here: \(symptom.kind.words)")
        rows.insert(here, at: place)
        let times = rows.map { Self.seconds($0.instant) }
        let width = times.map(\.count).max() ?? 0
        let connectionWidth = max(4, rows.map(\.connection.count).max() ?? 0)
        func line(_ time: String, _ who: String, _ connection: String, _ text: String) -> String {
            let start =
                "  \(Self.padded(time, width))  " + who
                + String(repeating: " ", count: max(0, 10 - who.count))
                + Self.padded(connection, connectionWidth) + "  "
            return start + "\(PrintableText(text, limit: max(20, page.width - start.count)))"
        }
        var lines = ["", line("seconds", "who", "conn", "what")]
        for (time, row) in zip(times, rows) {
            let text = line(time, row.who, row.connection, row.text)
            lines.append(row.who == here.who ? page.styled(text, .bold) : text)
        }
        var more = "weir show \(evidence.folder)/replay.weir --messages"
        if let connection = symptom.place.connection { more += " --connection \(connection)" }
        if timeline.omitted > 0 {
            lines.append("  … \(timeline.omitted.counted("event")) around it not shown")
        }
        lines.append("  all of it: \(PrintableText(more))")
        return lines
    }

    /// A line of the time axis.
    private struct Row {
        var instant: Instant
        var who: String
        var connection: String
        var text: String
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// Since the run began, with six places, as `weir show` has it.
    static func seconds(_ instant: Instant) -> String {
        let micros = max(0, instant.nanoseconds) / 1_000
        let digits = String(micros % 1_000_000)
        return "\(micros / 1_000_000)." + String(repeating: "0", count: 6 - digits.count) + digits
    }
}
