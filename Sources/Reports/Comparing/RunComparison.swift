import Recordings
import Text

/// What differs between two runs: between two tests, or between two replays.
package struct RunComparison: Sendable {
    package static let version: UInt64 = 1
    /// More differences of a kind than this are counted, not listed.
    static let listed = 20

    /// What differs; the raw values are the names in JSON.
    package enum Kind: String, Sendable, CaseIterable {
        case verdict
        case newSymptom = "new-symptom"
        case goneSymptom = "gone-symptom"
        case expectation
        case answer
        case strike
        case time

        /// The title above those of the kind.
        var title: String {
            switch self {
            case .verdict: "the verdict differs"
            case .newSymptom: "symptoms that only the second shows"
            case .goneSymptom: "symptoms that only the first shows"
            case .expectation: "expectations that turned out otherwise"
            case .answer: "answers that differ"
            case .strike: "strikes that were applied in one only"
            case .time: "times that differ beyond noise"
            }
        }
    }

    /// One difference; its texts are printable.
    struct Difference: Hashable, Sendable {
        var kind: Kind
        var place: String
        var first: String
        var second: String
    }

    /// The folders, as they were given.
    package let first: String
    package let second: String
    private(set) var differences: [Difference] = []
    private(set) var counts: [Kind: UInt64] = [:]
    /// How much was compared: `412 answers`.
    var compared: [String] = []
    /// What must be known to read it: that the two had other recordings, say.
    var notes: [String] = []

    package init(first: String, second: String) {
        self.first = first
        self.second = second
    }

    package var isDifferent: Bool { !counts.isEmpty }

    mutating func add(_ kind: Kind, _ place: String, _ first: String, _ second: String) {
        let count = counts[kind, default: 0]
        counts[kind] = count + 1
        guard count < Self.listed else { return }
        differences.append(Difference(kind: kind, place: place, first: first, second: second))
    }

    package mutating func note(_ note: String) { notes.append(note) }

    package func text(on page: ReportPage = ReportPage()) -> String {
        let total = counts.values.reduce(0, +)
        let headline =
            isDifferent
            ? page.styled("DIFFERENT", .red) + ": \(total.counted("difference"))"
            : page.styled("ALIKE", .green) + ": no difference was found"
        var lines = [headline]
        lines.append("first         \(PrintableText(first))")
        lines.append("second        \(PrintableText(second))")
        let looked = compared.isEmpty ? "nothing" : compared.joined(separator: ", ")
        lines += page.labelled("compared", looked)
        for note in notes {
            lines += page.labelled("note", "\(PrintableText(note, limit: 300))")
        }
        for kind in Kind.allCases {
            guard let count = counts[kind] else { continue }
            lines += ["", page.styled("\(kind.title): \(count.grouped)", .bold)]
            let own = differences.filter { $0.kind == kind }
            for difference in own {
                lines += page.broken(difference.sentence, width: page.width - 4).enumerated().map {
                    ($0.offset == 0 ? "  " : "    ") + $0.element
                }
            }
            if count > UInt64(own.count) {
                lines.append("  … and \((count - UInt64(own.count)).grouped) more")
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// One object, with its line's end.
    package var json: String {
        JSONWriter.document(version: Self.version) { object in
            object.member("different", isDifferent)
            object.member("first", first)
            object.member("second", second)
            object.member("compared", compared)
            object.member("notes", notes)
            object.member(
                "counts",
                object: { object in
                    for kind in Kind.allCases { object.member(kind.rawValue, counts[kind] ?? 0) }
                })
            object.member("differences", objects: differences) { difference, object in
                object.member("difference", difference.kind.rawValue)
                object.member("place", difference.place)
                object.member("first", difference.first)
                object.member("second", difference.second)
            }
        }
    }
}

extension RunComparison.Difference {
    fileprivate var sentence: String {
        switch kind {
        case .newSymptom, .goneSymptom: place
        default: "\(place): \(first), then \(second)"
        }
    }
}
