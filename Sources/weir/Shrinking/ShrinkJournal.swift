import Faults
import Platform
import Reactions
import Text

/// What a search's candidates showed, line by line, so that it can go on where it was interrupted.
///
/// ```json
/// {"type":"shrink","version":1,"run":"seed-7","symptom":1,"identity":"crc32c:…","repeats":1}
/// {"type":"run","candidate":"9f0c…","shown":true,"replays":4}
/// ```
final class ShrinkJournal {
    static let version: UInt64 = 1
    /// A longer file is refused.
    private static let maximumBytes = 64 << 20

    /// Which search it is of.
    struct Heading: Hashable {
        var run: String
        var symptom: UInt64
        var identity: String
        var repeats: UInt64
    }

    /// One run of a candidate.
    struct Entry: Hashable {
        /// See `digest`.
        var candidate: String
        var isShown: Bool
        var replays: UInt64
    }

    let heading: Heading
    private let file: LineFile

    init(creating path: String, _ heading: Heading, _ entries: [Entry]) throws(Failure) {
        self.heading = heading
        do throws(FileError) {
            file = try LineFile(creating: path, replacing: true)
            try file.append(Self.line(heading))
            for entry in entries { try file.append(Self.line(entry)) }
            try file.flush()
        } catch {
            throw Failure(.unwritable, "\(error)")
        }
    }

    func append(_ entry: Entry) throws(Failure) {
        do throws(FileError) {
            try file.append(Self.line(entry))
            try file.flush()
        } catch {
            throw Failure(.unwritable, "\(error)")
        }
    }

    /// Reads what an earlier search left; a last line that is cut short is left out.
    static func read(_ path: String) throws(Failure) -> (heading: Heading, entries: [Entry]) {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try Folder.contents(of: path, limit: maximumBytes)
        } catch {
            throw Failure(.usage, "\(error); there is nothing to go on with: leave --resume out")
        }
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        lines.removeLast()
        do throws(DocumentError) {
            guard let first = lines.first else {
                throw DocumentError(file: path, message: "it is empty; leave --resume out")
            }
            let heading = try heading(Array(first), file: path)
            var entries: [Entry] = []
            for (index, line) in lines.enumerated().dropFirst() {
                entries.append(try entry(Array(line), file: path, line: index + 1))
            }
            return (heading, entries)
        } catch {
            throw Failure(.usage, error.description)
        }
    }

    /// Tells candidates apart: FNV-1a over what it plans and plays, as 16 digits.
    static func digest(_ candidate: ShrinkCandidate, _ header: ScheduleHeader) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ bytes: some Sequence<UInt8>) {
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        add(ScheduleWriter.bytes(candidate.schedule(header)))
        let part = candidate.setting.part
        add("\(candidate.setting.isAsap) \(part.until?.nanoseconds ?? -1)".utf8)
        if let connections = part.connections { add("\(connections)".utf8) }
        for (connection, messages) in part.leftOut.sorted(by: { $0.key < $1.key }) {
            add("\(connection):\(messages.sorted())".utf8)
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    // MARK: - Lines

    private static func line(_ heading: Heading) -> String {
        var writer = JSONWriter()
        writer.object { object in
            object.member("type", "shrink")
            object.member("version", version)
            object.member("run", heading.run)
            object.member("symptom", heading.symptom)
            object.member("identity", heading.identity)
            object.member("repeats", heading.repeats)
        }
        return writer.text
    }

    private static func line(_ entry: Entry) -> String {
        var writer = JSONWriter()
        writer.object { object in
            object.member("type", "run")
            object.member("candidate", entry.candidate)
            object.member("shown", entry.isShown)
            object.member("replays", entry.replays)
        }
        return writer.text
    }

    private static func heading(
        _ bytes: [UInt8], file: String
    ) throws(DocumentError) -> Heading {
        var fields = try JSONField(reading: bytes, file: file).object()
        _ = try fields.require("type").name(among: ["shrink"], noun: "type of line")
        let field = try fields.require("version")
        guard try field.count() == version else {
            throw field.error(
                "version \(try field.count()) is not known here; start anew with --force")
        }
        let heading = Heading(
            run: try fields.require("run").string(),
            symptom: try fields.require("symptom").count(),
            identity: try fields.require("identity").string(),
            repeats: try fields.require("repeats").count(in: 1...1_000))
        try fields.finish()
        return heading
    }

    private static func entry(
        _ bytes: [UInt8], file: String, line: Int
    ) throws(DocumentError) -> Entry {
        var fields = try JSONField(reading: bytes, file: file, firstLine: line).object()
        _ = try fields.require("type").name(among: ["run"], noun: "type of line")
        let entry = Entry(
            candidate: try fields.require("candidate").string(),
            isShown: try fields.require("shown").bool(),
            replays: try fields.require("replays").count(in: 1...1_000_000))
        try fields.finish()
        return entry
    }
}
