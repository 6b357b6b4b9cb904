import Engine
import Faults
import Platform
import Recordings
import Text

/// What broke a service once: the part of a recording and of a schedule that `weir shrink` left in
/// a folder, to be run again before everything else.
struct Regression {
    /// More folders than this are not looked at.
    private static let maximumCount = 10_000

    /// Of its folder.
    let name: String
    let source: ReplaySource
    let schedule: Schedule
    /// It was found at the fastest pace.
    let isAsap: Bool

    /// Those in a folder, in the order of their names: every folder that has a recording and a
    /// schedule.
    static func all(in path: String) throws(Failure) -> [Regression] {
        let names: [String]
        do throws(FileError) {
            names = try Folder.names(in: path, limit: maximumCount)
        } catch {
            throw Failure(.usage, "--regressions: \(error)")
        }
        var all: [Regression] = []
        for name in names {
            let folder = "\(path)/\(name)"
            let recording = "\(folder)/recording.weir"
            let schedule = "\(folder)/schedule.jsonl"
            guard Folder.exists(recording), Folder.exists(schedule) else { continue }
            all.append(
                try Regression(name, recording, schedule, result: "\(folder)/shrunk.json"))
        }
        guard !all.isEmpty else {
            throw Failure(
                .usage,
                "--regressions: \(EscapedText(path)) has no folder with recording.weir and "
                    + "schedule.jsonl, as weir shrink leaves them")
        }
        return all
    }

    private init(
        _ name: String, _ recording: String, _ schedule: String, result: String
    ) throws(Failure) {
        self.name = name
        var reader = try RecordingFile.reader(.path(recording))
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try Folder.contents(of: schedule, limit: ScheduleFile.maximumBytes)
        } catch {
            throw Failure(.usage, "\(error)")
        }
        var saved: ScheduleFile
        do throws(DocumentError) {
            saved = try ScheduleFile.read(bytes, file: schedule)
            isAsap = try Self.isAsap(result)
        } catch {
            throw Failure(.usage, error.description)
        }
        source = try ReplaySource(&reader, saved.schedule.header, why: "as its schedule says")
        do throws(DocumentError) {
            try saved.check(
                against: source.transcript, identity: source.identity, routes: source.routes)
        } catch {
            throw Failure(.usage, error.description)
        }
        self.schedule = saved.schedule
    }

    /// What `shrunk.json` says of the pace; where there is none, it is as the test asks for.
    private static func isAsap(_ path: String) throws(DocumentError) -> Bool {
        guard let bytes = try? Folder.contents(of: path, limit: longestResult) else { return false }
        var fields = try JSONField(reading: bytes, file: path).object()
        return try fields.take("asap")?.bool() ?? false
    }

    private static let longestResult = 1 << 20
}
