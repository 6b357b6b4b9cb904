import Platform
import Reactions
import Reports
import Text

/// A folder that a test or a replay left, found again: what it is, and its files.
struct KeptRun {
    /// Where the last run is.
    static let latest = "runs/latest"

    /// What the folder holds.
    enum Kind {
        /// A test that ended: it has a verdict.
        case test
        /// A test that runs, or was stopped before its end.
        case unfinishedTest
        case replay
    }

    let path: String
    let kind: Kind

    /// - Parameter path: a folder, or the `verdict.json` in it.
    init(_ path: String) throws(Failure) {
        var path = path
        for file in ["/verdict.json", "/summary.json", "/reactions.jsonl"]
        where path.hasSuffix(file) {
            path = String(path.dropLast(file.count))
        }
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
        let shown = EscapedText(path)
        guard Folder.exists(path) else {
            let advice =
                path == Self.latest
                ? "nothing was run here yet: weir test or weir replay makes it"
                : "name the folder of a run"
            throw Failure(.usage, "\(shown) is not there; \(advice)")
        }
        guard Folder.isFolder(path) else {
            throw Failure(.usage, "\(shown) is no folder; name the folder of a run")
        }
        if Folder.exists(path + "/verdict.json") {
            kind = .test
        } else if Folder.exists(path + "/test.json") {
            kind = .unfinishedTest
        } else if ["summary.json", "reactions.jsonl", "schedule.jsonl", "replay.weir"].contains(
            where: { Folder.exists("\(path)/\($0)") })
        {
            kind = .replay
        } else {
            throw Failure(
                .usage,
                "\(shown) holds no run: neither verdict.json nor reactions.jsonl is in it; name "
                    + "the folder of a run")
        }
    }

    /// The result of a test.
    func result() throws(Failure) -> TestResult {
        let file = path + "/verdict.json"
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try Folder.contents(of: file, limit: TestResult.maximumFileBytes)
        } catch {
            throw Failure(.usage, "\(error)")
        }
        do throws(DocumentError) {
            return try TestResult(reading: bytes, file: file)
        } catch {
            throw Failure(.damaged, "\(EscapedText("\(error)"))")
        }
    }

    /// The files of a replay, line by line.
    func readReplay(_ reader: inout some KeptReplayReader) throws(Failure) {
        let summary = path + "/summary.json"
        do throws(FileError) {
            reader.receiveSummary(
                Folder.exists(summary)
                    ? try Folder.contents(of: summary, limit: 16 << 20) : nil)
        } catch {
            throw Failure(.usage, "\(error)")
        }
        try KeptLines.read(path + "/reactions.jsonl") { reader.receiveReaction($0) }
            .map { reader.note($0) }
        try KeptLines.read(path + "/outcomes.jsonl") { reader.receiveOutcome($0) }
            .map { reader.note($0) }
        reader.finish()
    }
}

/// What takes a kept replay's files.
protocol KeptReplayReader {
    mutating func receiveSummary(_ bytes: [UInt8]?)
    mutating func receiveReaction(_ line: [UInt8])
    mutating func receiveOutcome(_ line: [UInt8])
    mutating func note(_ problem: String)
    mutating func finish()
}

extension RunTally: KeptReplayReader {}
extension ReplayFacts: KeptReplayReader {}

/// A file of lines, read in pieces: it may be longer than memory.
enum KeptLines {
    private static let pieceBytes = 1 << 20
    /// A longer line is not one of Weir's.
    private static let maximumLineBytes = 1 << 20

    /// Hands over each line without its end.
    /// - Returns: what is missing, in words; nil where all is there.
    static func read(_ path: String, _ line: ([UInt8]) -> Void) throws(Failure) -> String? {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard Folder.exists(path) else { return "\(name) is missing" }
        do throws(FileError) {
            return try readLines(path, name, line)
        } catch {
            throw Failure(.usage, "\(error)")
        }
    }

    private static func readLines(
        _ path: String, _ name: String, _ line: ([UInt8]) -> Void
    ) throws(FileError) -> String? {
        let file = try File.open(path)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 1)
        defer { buffer.deallocate() }
        var pending: [UInt8] = []
        var offset: Int64 = 0
        while true {
            let count = try file.read(into: buffer, at: offset)
            guard count > 0 else { break }
            offset += Int64(count)
            var rest = UnsafeRawBufferPointer(rebasing: buffer[..<count])[...]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                pending += rest[..<end]
                line(pending)
                pending.removeAll(keepingCapacity: true)
                rest = rest[(end + 1)...]
            }
            pending += rest
            guard pending.count <= maximumLineBytes else {
                return "\(name) has a line that is too long, and is not read from there on"
            }
        }
        return pending.isEmpty ? nil : "\(name) ends in the middle of a line"
    }
}
