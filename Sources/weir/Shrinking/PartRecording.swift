import Faults
import Platform
import Reactions
import Recordings
import Text

/// Writes a part of a recording as a recording of its own.
enum PartRecording {
    /// - Parameters:
    ///   - cut: fresh: it takes the events in their order.
    ///   - path: of the new file; what stands there is replaced.
    static func write(
        _ source: ReplaySource, _ cut: RecordingCut, to path: String
    ) throws(Failure) {
        var reader = try RecordingFile.reader(.path(source.path))
        var header = reader.header
        header.toolVersion = Version.text
        header.protocolText = source.framing.description
        header.notes.append(.init(key: "part-of", value: source.identity))
        var cut = cut
        do throws(RecordingFileError) {
            var writer = try RecordingWriter(
                header, session: UInt64(bitPattern: WallClock.read()),
                to: try sink(path))
            var problem: RecordingFileError?
            try reader.scan { event, bytes, _ in
                do throws(RecordingFileError) {
                    for piece in cut.pieces(of: event, count: bytes.count) {
                        try writer.append(event, bytes.extracting(piece))
                    }
                    return true
                } catch {
                    problem = error
                    return false
                }
            }
            if let problem { throw problem }
            try writer.finish()
        } catch {
            throw Failure(.unwritable, "\(EscapedText(path)): \(error)")
        }
    }

    private static func sink(_ path: String) throws(RecordingFileError) -> RecordingFileSink {
        do throws(Failure) {
            return try RecordingFileSink(creating: path, replacing: true)
        } catch {
            throw .cannotWrite(reason: error.message)
        }
    }
}
