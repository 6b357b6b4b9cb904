import Recordings
import Text

/// A kept replay, shown: for people, machines, CI servers and their summaries.
extension RunTally {
    package static let reportVersion: UInt64 = 1

    package func text(on page: ReportPage = ReportPage()) -> String {
        var lines = [
            page.styled("NOT JUDGED", .yellow)
                + ": a replay is compared with its recording only; weir test judges"
        ]
        lines += factLines(page)
        if !examples.isEmpty { lines += ["", "the first that are not as recorded"] }
        for example in examples { lines += exampleLines(example) }
        lines.append("")
        if !repeating.isEmpty { lines.append("repeat it     \(PrintableText(repeating))") }
        lines.append("all of it     \(PrintableText(folder))/reactions.jsonl")
        return lines.map { $0 + "\n" }.joined()
    }

    private func factLines(_ page: ReportPage) -> [String] {
        var lines: [String] = []
        if !recording.isEmpty { lines += page.labelled("replayed", headline) }
        for problem in problems {
            lines += page.labelled("incomplete", "\(PrintableText(problem, limit: 300))")
        }
        lines += page.labelled("answers", answers.total == 0 ? "none" : answers.text)
        if newErrors > 0 {
            lines += page.labelled(
                "errors", "\(newErrors.counted("error answer")) where the recording has none")
        }
        if unaskedEnds > 0 {
            lines += page.labelled(
                "ends", "\(unaskedEnds.counted("connection end")) that nobody had asked for")
        }
        if others.total > 0 { lines += page.labelled("besides", others.list) }
        lines += page.labelled("strikes", strikes.total == 0 ? "none" : strikes.text)
        if serviceTimes.count > 0 {
            let p99 = serviceTimes.percentile99.map(time) ?? "too few to say"
            lines += page.labelled(
                "service time",
                "p50 \(time(serviceTimes.percentile(50))), p99 \(p99), "
                    + "max \(time(serviceTimes.maximum)), of \(serviceTimes.count.grouped)")
        }
        for warning in warnings {
            lines += page.labelled("warning", "\(PrintableText(warning, limit: 300))")
        }
        return lines
    }

    private var headline: String {
        var text = "\(PrintableText(recording, limit: 60)) to \(PrintableText(consumer, limit: 60))"
        if let seed { text += ", seed \(seed)" }
        if let nanoseconds { text += ", \(time(nanoseconds))" }
        if !ending.isEmpty, ending != "completed" {
            text += ", \(PrintableText(ending, limit: 40))"
        }
        return text
    }

    private func exampleLines(_ facts: ReactionFacts) -> [String] {
        var line = "  \(facts.place): \(PrintableText(facts.compared ?? "", limit: 40))"
        if let place = facts.differsAt { line += " from byte \(place.grouped) on" }
        if !facts.strike.isEmpty { line += ", after \(PrintableText(facts.strike, limit: 60))" }
        line += ", at \(VerdictText.seconds(Instant(nanoseconds: facts.nanoseconds))) s"
        guard facts.differsAt != nil else { return [line] }
        return [
            line, "    expected  \(PrintableText(facts.expected, limit: 66))",
            "    actual    \(PrintableText(facts.actual, limit: 66))",
        ]
    }

    private func time(_ nanoseconds: Int64) -> String {
        TimeAmount(nanoseconds: nanoseconds).forPeople
    }

    /// One object, with its line's end.
    package var json: String {
        JSONWriter.document(version: Self.reportVersion) { object in
            object.member("judged", false)
            object.member("run", folder)
            object.member("recording", recording.isEmpty ? nil : recording)
            object.member("to", consumer.isEmpty ? nil : consumer)
            object.member("seed", seed)
            object.member("duration_ns", nanoseconds)
            object.member("problems", problems)
            for (name, counts) in [
                ("compared", answers), ("reactions", others), ("strikes", strikes),
            ] {
                object.member(
                    name,
                    object: { object in
                        for (word, count) in counts.words { object.member(word, count) }
                    })
            }
            object.member("new_error_answers", newErrors)
            object.member("unasked_ends", unaskedEnds)
            object.member("repeat", repeating.isEmpty ? nil : repeating)
        }
    }

    /// One case, which was skipped: nobody judged it.
    package var junit: String {
        var suite = JUnitSuite(name: "\(recording) to \(consumer)", started: nil)
        suite.properties = [("folder", folder), ("repeat", repeating)]
        suite.cases = [
            JUnitSuite.Case(
                name: seed.map { "seed \($0)" } ?? "replay", nanoseconds: nanoseconds ?? 0,
                outcome: isWhole
                    ? .skipped("not judged: weir test judges")
                    : .error("incomplete", problems.joined(separator: "; "), ""),
                output: text())
        ]
        return suite.text
    }

    package var markdown: String {
        var lines = [
            "### ⚠️ Not judged", "",
            "A replay is compared with its recording only; `weir test` judges.", "",
        ]
        lines += Markdown.block(
            text(on: ReportPage(width: 100)).split(
                separator: "\n", omittingEmptySubsequences: false
            )
            .dropFirst().dropLast().map(String.init))
        return lines.map { $0 + "\n" }.joined()
    }
}
