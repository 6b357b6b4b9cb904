import Recordings

/// A recording read back, event by event, with the bytes beside each.
package struct ReadRecording {
    package private(set) var events: [(event: Event, bytes: [UInt8])] = []
    package let isEnded: Bool

    /// - Parameter file: the bytes of a recording's file.
    package init(_ file: [UInt8]) throws(RecordingFileError) {
        var reader = try RecordingReader(MemoryFile(file))
        isEnded = reader.isEnded
        var events: [(event: Event, bytes: [UInt8])] = []
        try reader.forEachEvent { event, bytes, _ in
            events.append((event, bytes.withUnsafeBufferPointer(Array.init)))
        }
        self.events = events
    }

    /// What arrived on a link, chunk after chunk.
    package func bytes(_ connection: UInt32, _ direction: Direction) -> [UInt8] {
        events.filter { event, _ in
            event.connection == connection && event.direction == direction && event.fact == .chunk
        }.flatMap(\.bytes)
    }

    /// What happened on a connection beside chunks, in order.
    package func facts(_ connection: UInt32) -> [Event.Fact] {
        events.filter { $0.event.connection == connection && $0.event.fact != .chunk }
            .map(\.event.fact)
    }

    /// All gaps: the connection, the direction, and the bytes that are missing.
    package var gaps: [(connection: UInt32, direction: Direction?, bytes: UInt64)] {
        events.compactMap { event, _ in
            guard case .gap(let bytes, _) = event.fact else { return nil }
            return (event.connection, event.direction, bytes)
        }
    }
}
