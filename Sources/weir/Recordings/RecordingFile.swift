import Platform
import Recordings

/// A recording's file, to be read: also one that is still being written.
struct RecordingFile: RandomAccessBytes {
    let path: String
    /// As long as it was when it was opened.
    let count: UInt64
    /// Somebody was writing it when it was opened: that it is not ended means nothing.
    let isBeingWritten: Bool
    private let file: File

    init(opening argument: FileArgument) throws(Failure) {
        guard case .path(let path) = argument else {
            throw Failure(.usage, "a recording is not read from standard input; name a file")
        }
        self.path = path
        do {
            file = try File.open(path)
            // First: a recorder that ends meanwhile leaves the file ended.
            isBeingWritten = file.isBeingWritten
            count = UInt64(clamping: try file.size)
        } catch {
            throw Failure(.usage, "\(error)")
        }
    }

    mutating func read(
        at offset: UInt64, into buffer: inout MutableSpan<UInt8>
    ) throws(RecordingFileError) -> Int {
        guard let place = Int64(exactly: offset) else { return 0 }
        do {
            return try buffer.withUnsafeMutableBytes { try file.read(into: $0, at: place) }
        } catch {
            let reason = (error as? FileError).map { "\($0.errno)" } ?? "\(error)"
            throw .cannotRead(offset: offset, reason: reason)
        }
    }

    /// A usage error where what is to be written would go over the recording that is read.
    func refuseOverwriting(with path: String, _ option: String) throws(Failure) {
        guard file.isSame(as: path) else { return }
        throw Failure(.usage, "\(option): \(path) is the recording itself; name another file")
    }

    /// A reader of it.
    static func reader(_ argument: FileArgument) throws(Failure) -> RecordingReader<RecordingFile> {
        let file = try RecordingFile(opening: argument)
        do throws(RecordingFileError) {
            return try RecordingReader(file)
        } catch {
            throw Failure(reading: file.path, error)
        }
    }
}

extension Failure {
    /// A recording could not be read.
    init(reading path: String, _ error: RecordingFileError) {
        self.init(.damaged, "\(path): \(error)")
    }
}

/// A new recording's file, to be written block by block.
struct RecordingFileSink: BlockSink {
    private let file: File
    private var offset: Int64 = 0

    init(creating path: String, replacing: Bool) throws(Failure) {
        do throws(FileError) {
            file = try File.create(path, replacing: replacing)
        } catch {
            throw Failure(error.errno == .exists ? .usage : .unwritable, "\(error)")
        }
    }

    mutating func write(_ block: Span<UInt8>) throws(RecordingFileError) {
        do {
            try block.withUnsafeBytes { try file.write($0, at: offset) }
            offset += Int64(block.count)
        } catch {
            let reason = (error as? FileError).map { "\($0.errno)" } ?? "\(error)"
            throw .cannotWrite(reason: reason)
        }
    }

    /// Makes it durable.
    func finish() throws(Failure) {
        do throws(FileError) {
            try file.synchronize()
        } catch {
            throw Failure(.unwritable, "\(error)")
        }
    }
}
