import Platform

/// How a recorder treats the disk.
package struct RecorderSettings: Hashable, Sendable {
    /// A block is handed to the disk when its oldest event is so old, so that quiet traffic is not
    /// lost.
    package var flushNanoseconds: Int64 = 1_000_000_000

    /// So long traffic waits for the disk before it goes on unrecorded.
    package var maximumWaitNanoseconds: Int64 = 5_000_000_000

    /// Traffic that cannot be recorded does not pass.
    package var mustRecord = false

    /// The recording ends before the file is larger; traffic then goes on unrecorded.
    package var maximumBytes: UInt64?

    package init() {}
}

/// What a recorder has recorded and missed so far.
package struct RecorderCounters: Hashable, Sendable {
    /// Events in the recording, and the payload bytes beside them.
    package internal(set) var events: UInt64 = 0
    package internal(set) var payloadBytes: UInt64 = 0
    /// Bytes of the file that the disk has, or is being handed.
    package internal(set) var fileBytes: UInt64 = 0
    /// Bytes that passed and are not in the recording, and the gap events that say so.
    package internal(set) var missingBytes: UInt64 = 0
    package internal(set) var gaps: UInt64 = 0
    /// Events other than chunks that could not be kept.
    package internal(set) var missingEvents: UInt64 = 0
    /// How often traffic waited for the disk, and for how long in all.
    package internal(set) var waits: UInt64 = 0
    package internal(set) var waitedNanoseconds: Int64 = 0

    package init() {}
}

/// What came of receiving from a socket through the recorder.
package enum RecordedReceive {
    /// Bytes came, and are recorded unless traffic goes unrecorded. They lie in the block that goes
    /// to the disk and stay in place until the recorder's next call: send them from there.
    case bytes(UnsafeRawBufferPointer, isDrained: Bool)
    case wouldBlock
    case finished
    case failed(Errno)
    /// There is no room to record: receive nothing, and `wait(for:)` it.
    case mustWait
}

/// Waits until there is room in the recording.
package protocol RecorderWaiter: AnyObject {
    func recorderHasRoom()
}
