import Recordings

/// A plan worked out for one recording: its conditions and its strikes, in recorded order.
///
/// It can be read from a file as well as made by a scheduler; a replay needs nothing else.
package struct Schedule: Sendable {
    package var seed: UInt64
    /// The recording's identity: `crc32c:1f0a…`.
    package var recording: String
    package var conditions: [Condition]
    /// In recorded order, those that are pre-empted or skipped too.
    package var strikes: [Strike]

    package init(
        seed: UInt64, recording: String = "", conditions: [Condition] = [], strikes: [Strike] = []
    ) {
        self.seed = seed
        self.recording = recording
        self.conditions = conditions
        self.strikes = strikes
    }
}
