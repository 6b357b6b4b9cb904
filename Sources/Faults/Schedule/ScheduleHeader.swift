import Recordings

/// What a schedule says before its conditions and strikes.
package struct ScheduleHeader: Hashable, Sendable {
    package var seed: UInt64
    /// The recording's identity: `crc32c:1f0a…`.
    package var recording: String
    /// How its bytes are read as messages: the numbers in the strikes mean that.
    package var framing: FramingChoice
    package var units: MessageUnits
    /// The names of the recording's routes, where a condition is limited to one; else none.
    package var routes: [String]

    package init(
        seed: UInt64, recording: String = "", framing: FramingChoice = .none,
        units: MessageUnits = .messages, routes: [String] = []
    ) {
        self.seed = seed
        self.recording = recording
        self.framing = framing
        self.units = units
        self.routes = routes
    }
}
