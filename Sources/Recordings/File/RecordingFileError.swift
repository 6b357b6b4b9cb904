/// Why a recording cannot be read or written at all. What is merely damaged is told as `Damage`.
package enum RecordingFileError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    case notARecording
    /// A whole block of a version that this program does not know.
    case newerVersion(major: UInt8)
    case headerTooLong(limit: Int)
    /// The machine could not read; the reason is the system's.
    case cannotRead(offset: UInt64, reason: String)
    case cannotWrite(reason: String)

    package var description: String {
        switch self {
        case .empty: "the file is empty; record again, or name another file"
        case .notARecording:
            "this is not a recording: no block of one stands at its beginning; "
                + "name a file that weir record has written"
        case .newerVersion(let major):
            "the recording has version \(major) of the format, and this weir reads version "
                + "\(RecordingFormat.major); take a newer weir"
        case .headerTooLong(let limit):
            "the recording's description does not fit \(limit) bytes; name fewer routes"
        case .cannotRead(let offset, let reason):
            "the recording cannot be read at byte \(offset): \(reason); check the disk"
        case .cannotWrite(let reason):
            "the recording cannot be written: \(reason); make room, or name another place"
        }
    }
}
