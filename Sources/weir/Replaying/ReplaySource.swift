import Engine
import Faults
import Platform
import Recordings
import Text

/// A recording that is to be replayed: its transcript, and where its bytes are.
struct ReplaySource {
    /// As it was given.
    let path: String
    let identity: String
    /// How it is read as messages, and why so.
    let framing: FramingChoice
    let why: String
    let units: MessageUnits
    let transcript: Transcript
    /// The names of its routes, in their order.
    let routes: [String]
    /// The first thing found that loses events.
    let damage: Damage?
    let isBeingWritten: Bool
    let file: RecordingFile

    /// What is to be replayed, and with which strikes.
    struct Prepared {
        var source: ReplaySource
        var schedule: Schedule
        /// nil where the schedule was saved.
        var plan: Plan?
    }

    /// Loads a recording, and works out or reads the schedule.
    /// - Parameters:
    ///   - only: strikes on other connections are left out; empty: none are.
    ///   - includesPartial: whether connections that were picked up in the middle are struck too.
    ///   - sends: what Weir sends: upstream as the client, downstream as the server.
    static func prepare(
        _ recording: FileArgument, _ faults: FaultOptions, only: [ClosedRange<UInt32>],
        includesPartial: Bool = false, sends: Direction = Scheduler.sends
    ) throws(Failure) -> Prepared {
        var reader = try RecordingFile.reader(recording)
        var saved = try faults.readSchedule()
        let plan = saved == nil ? try faults.makePlan() : nil
        var schedule: Schedule
        var why = "reading \(saved?.schedule.header.framing ?? .none), as the schedule says"
        if let saved {
            schedule = saved.schedule
        } else {
            let (plan, seed) = plan ?? (Plan(), 0)
            let framing = try framing(plan.framing, &reader)
            why = framing.why
            schedule = try ScheduleMaking.make(
                plan, seed: seed, framing: framing.choice, includesPartial: includesPartial,
                sends: sends, &reader
            ).schedule
        }
        let source = try ReplaySource(&reader, schedule.header, why: why)
        if saved != nil {
            do throws(DocumentError) {
                try saved?.check(
                    against: source.transcript, identity: source.identity, routes: source.routes)
            } catch {
                throw Failure(.usage, error.description)
            }
            schedule = saved?.schedule ?? schedule
        }
        schedule = schedule.keeping(only: only)
        return Prepared(source: source, schedule: schedule, plan: plan?.plan)
    }

    /// Loads a recording as a schedule's header says it is read.
    init(
        _ reader: inout RecordingReader<RecordingFile>, _ header: ScheduleHeader, why: String
    ) throws(Failure) {
        path = reader.bytes.path
        framing = header.framing
        units = header.units
        self.why = why
        routes = reader.header.routes.map(\.name)
        file = reader.bytes
        isBeingWritten = reader.bytes.isBeingWritten
        do {
            identity = try reader.identityText()
            let read = try reader.transcript(framing, units: units)
            transcript = read.transcript
            damage = read.notes.damages.first { $0.losesEvents }
        } catch let error as RecordingFileError {
            throw Failure(reading: reader.bytes.path, error)
        } catch {
            throw Failure(.usage, "\(error)")
        }
        guard !transcript.isCutShort else {
            throw Failure(
                .usage,
                "\(path) has more than \(UInt64(Transcript.maximumMessages).grouped) messages, "
                    + "which is more than a replay keeps in mind; record in parts")
        }
    }

    private static func framing(
        _ choice: FramingChoice?, _ reader: inout RecordingReader<RecordingFile>
    ) throws(Failure) -> (choice: FramingChoice, why: String) {
        do throws(RecordingFileError) {
            return try reader.framing(choice)
        } catch {
            throw Failure(reading: reader.bytes.path, error)
        }
    }

    /// What a person should know of the recording, with the next step.
    var notes: [String] {
        let path = "\(EscapedText(self.path))"
        if isBeingWritten { return ["\(path) is still being written: what was there was replayed"] }
        guard let damage else { return [] }
        return ["\(path) has holes (\(damage)); weir check lists all, and the rest was replayed"]
    }

    /// What nothing can be said of, because the recording has lost it; nil where it is whole.
    var lost: String? {
        guard let damage, !isBeingWritten else { return nil }
        let path = "\(EscapedText(self.path))"
        return "what \(path) has lost (\(damage)); weir check lists all of it"
    }

    /// Its bytes, as a replay reads them.
    func recordedBytes() throws(Failure) -> any RecordedBytes {
        do throws(FileError) {
            return ReplayBytes(try File.open(path))
        } catch {
            throw Failure(.usage, "\(error)")
        }
    }
}

/// A recording's bytes, straight from its file.
private final class ReplayBytes: RecordedBytes {
    private let file: File

    init(_ file: File) { self.file = file }

    func copyBytes(
        at fileOffset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(RecordedBytesError) {
        guard let offset = Int64(exactly: fileOffset) else {
            throw RecordedBytesError(reason: "\(file.path) has no byte \(fileOffset)")
        }
        let count: Int
        do throws(FileError) {
            count = try file.read(into: buffer, at: offset)
        } catch {
            throw RecordedBytesError(reason: "\(error)")
        }
        guard count == buffer.count else {
            throw RecordedBytesError(
                reason: "\(file.path) ends before byte \(fileOffset + UInt64(buffer.count))")
        }
    }
}
