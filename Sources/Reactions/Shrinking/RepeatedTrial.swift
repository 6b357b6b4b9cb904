/// One candidate, run again until it is settled whether it shows the symptom.
///
/// A symptom that comes and goes is shown by a candidate that shows it once: what a candidate that
/// was held to be without it costs is a larger result, and a smallest one is confirmed in the end.
package struct RepeatedTrial: Hashable, Sendable {
    /// So many runs without it, and it is not shown.
    package let repeats: Int
    package private(set) var runs = 0

    /// - Parameter repeats: at least 1.
    package init(repeats: Int) { self.repeats = max(1, repeats) }

    /// Takes one run's result.
    /// - Returns: whether the candidate shows it; nil: run it again.
    package mutating func receive(_ shown: Bool) -> Bool? {
        runs += 1
        if shown { return true }
        return runs >= repeats ? false : nil
    }
}
