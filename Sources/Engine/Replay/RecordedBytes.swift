/// Where a recording's bytes are read from while it is replayed.
package protocol RecordedBytes: AnyObject {
    /// Copies the bytes from `fileOffset` on into the buffer, all of it.
    func copyBytes(
        at fileOffset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(RecordedBytesError)
}

/// A recording's bytes cannot be read (any more).
package struct RecordedBytesError: Error, Hashable, Sendable {
    /// Starts in lower case and names the place.
    package var reason: String

    package init(reason: String) { self.reason = reason }
}
