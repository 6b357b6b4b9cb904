/// A recording's protocol, and the transcript of what it holds.
extension RecordingReader {
    /// How its connections are read as messages: as `choice` says, else as its header says, else as
    /// the first bytes tell.
    package mutating func framing(
        _ choice: FramingChoice? = nil
    ) throws(RecordingFileError) -> (choice: FramingChoice, why: String) {
        if let choice { return (choice, "reading \(choice), as was asked for") }
        if let text = header.protocolText, let choice = try? FramingChoice(parsing: text) {
            return (choice, "reading \(choice), as the recording says")
        }
        var detector = RecordingDetector()
        try scan { event, bytes, _ in
            detector.receive(event, bytes)
            return detector.decision == nil
        }
        let detection = detector.finish()
        if case .framer(let settings, _) = detection {
            return (.framer(settings), detection.sentence)
        }
        return (.none, detection.sentence)
    }

    /// The transcript, and what was found while reading.
    /// - Parameters:
    ///   - framing: as `framing(_:)` gives it.
    ///   - connections: only these; nil takes all.
    package mutating func transcript(
        _ framing: FramingChoice, units: MessageUnits = .messages,
        connections: Set<UInt32>? = nil
    ) throws -> (transcript: Transcript, notes: ReadingNotes) {
        var builder = try TranscriptBuilder(framing: framing, units: units)
        let notes = try forEachEvent(connections: connections) { event, bytes, offset in
            builder.receive(event, bytes, fileOffset: offset)
        }
        return (builder.finish(), notes)
    }
}
