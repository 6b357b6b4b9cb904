import Text

/// How far a long run has come: a bar on a terminal, a line now and then elsewhere. Time is handed
/// in; what is to be written is given back.
///
/// ```
/// replay  [##########··········]  50%  6,120 of 12,240 messages
/// ```
struct ProgressBar {
    private let title: String
    /// Nanoseconds on the monotonic clock when it was last shown.
    private var shown: Int64?
    private var isVisible = false

    /// Between two pictures on a terminal, and between two lines elsewhere, in nanoseconds.
    static let pictureInterval: Int64 = 100_000_000
    static let lineInterval: Int64 = 5_000_000_000
    private static let cells: UInt64 = 20
    private static let eraseLine = "\r\u{1b}[K"

    init(title: String) { self.title = title }

    /// What is to be written now; nil where it was shown a moment ago.
    /// - Parameters:
    ///   - total: nil where the end is not known: there is no bar then.
    ///   - note: said beside the bar: `6,120 of 12,240 messages`.
    ///   - width: of the terminal; nil where it is none.
    mutating func update(
        done: UInt64, of total: UInt64?, note: String, width: Int?, at nanoseconds: Int64
    ) -> String? {
        let interval = width == nil ? Self.lineInterval : Self.pictureInterval
        if let shown {
            guard nanoseconds.subtractingReportingOverflow(shown).partialValue >= interval else {
                return nil
            }
        }
        // Elsewhere than on a terminal a run that ends soon says nothing.
        let isFirst = shown == nil
        shown = nanoseconds
        guard let width else { return isFirst ? nil : "\(title): \(percent(done, total))\(note)\n" }
        isVisible = true
        let text = "\(title)  \(bar(done, total))\(percent(done, total))\(note)"
        return Self.eraseLine + text.prefix(max(0, width - 1))
    }

    /// What takes the bar away, so that something else can be written; the next update shows it.
    mutating func erase() -> String? {
        guard isVisible else { return nil }
        isVisible = false
        shown = nil
        return Self.eraseLine
    }

    private func bar(_ done: UInt64, _ total: UInt64?) -> String {
        guard let total, let ratio = Ratio(min(done, total), max(total, 1)) else { return "" }
        let full = Int(ratio.scaled(Self.cells))
        let rest = Int(Self.cells) - full
        return "[\(String(repeating: "#", count: full))\(String(repeating: "·", count: rest))]  "
    }

    private func percent(_ done: UInt64, _ total: UInt64?) -> String {
        guard let total, let ratio = Ratio(min(done, total), max(total, 1)) else { return "" }
        return "\(ratio.scaled(100))%  "
    }
}
