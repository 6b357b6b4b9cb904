/// What the runs of one schedule say together, where it was run again because answers were late.
package struct Repeats: Hashable, Sendable {
    /// Runs behind the first; at most `LatenessInquiry.maximumRepeats`.
    package var runs: UInt64
    /// How many of them and of the first came to the verdict that counts.
    package var alike: UInt64
    /// Late answers of the run that counts which are symptoms: each run had them.
    package var lateAgain: UInt64
    /// Its other late answers: not each run had them, and they are not counted.
    package var notLateAgain: UInt64

    package init(runs: UInt64, alike: UInt64, lateAgain: UInt64, notLateAgain: UInt64) {
        self.runs = runs
        self.alike = alike
        self.lateAgain = lateAgain
        self.notLateAgain = notLateAgain
    }
}
