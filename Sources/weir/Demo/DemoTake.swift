import Engine
import Faults
import Platform
import Recordings

/// The demo's recording, read back to be replayed.
struct DemoTake {
    /// The demo's recording has some tens of thousands of bytes.
    static let maximumBytes = 16 << 20

    private let file: [UInt8]
    private let transcript: Transcript
    private let framing: FramingChoice
    private let identity: String

    /// What a replay did.
    struct Replayed {
        /// In the schedule's order.
        var applied: [Strike]
        var strikes: DemoOutcome.Strikes
        var answers: DemoOutcome.Answers
    }

    init(_ path: String) throws(Failure) {
        do {
            file = try Folder.contents(of: path, limit: Self.maximumBytes)
            var reader = try RecordingReader(MemoryFile(file))
            framing = try reader.framing().choice
            transcript = try reader.transcript(framing).transcript
            identity = try reader.identityText()
        } catch {
            throw Failure(.defect, "the recording cannot be read back: \(error)")
        }
    }

    func schedule(_ plan: Plan, seed: UInt64) throws(Failure) -> Schedule {
        do {
            let scheduler = try Scheduler(
                plan, seed: seed, framing: framing, recording: identity)
            var strikes: [Strike] = []
            func take() { while let next = scheduler.next() { strikes.append(next.strike) } }
            var reader = try RecordingReader(MemoryFile(file))
            try reader.forEachEvent { event, bytes, _ in
                scheduler.receive(event, bytes)
                take()
            }
            scheduler.finish()
            take()
            return Schedule(
                scheduler.header, conditions: scheduler.conditions, strikes: strikes)
        } catch {
            throw Failure(.defect, "the demo's plan cannot be worked out: \(error)")
        }
    }

    func replay(
        _ schedule: Schedule, to address: SocketAddress, into folder: String,
        on stage: any DemoStage
    ) throws(Failure) -> Replayed {
        let watcher = Watcher()
        let replay = Replay(
            of: transcript, bytes: FileBytes(file), schedule: schedule,
            settings: ReplaySettings(to: address, framing: framing), on: stage.network,
            observer: watcher)
        replay.start(sessionStart: stage.network.now)
        try stage.run("the replay's end") { watcher.result != nil }
        let counts = replay.counts
        return Replayed(
            applied: schedule.strikes.filter { watcher.applied.contains($0.id) },
            strikes: DemoOutcome.Strikes(
                planned: Int(counts.strikesPlanned), applied: Int(counts.strikesApplied),
                preempted: Int(counts.strikesPreempted), skipped: Int(counts.strikesSkipped)),
            answers: DemoOutcome.Answers())
    }
}

private final class Watcher: ReplayObserver {
    var applied: Set<String> = []
    var result: ReplayResult?

    func replayed(_ event: Event, _ bytes: Span<UInt8>) {
        guard case .strike(let outcome) = event.fact, outcome.result == .applied else { return }
        applied.insert(outcome.id)
    }

    func replayEnded(_ result: ReplayResult) { self.result = result }
}

/// A recording's bytes in memory.
private final class FileBytes: RecordedBytes {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func copyBytes(
        at fileOffset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(RecordedBytesError) {
        let (end, overflow) = fileOffset.addingReportingOverflow(UInt64(buffer.count))
        guard !overflow, end <= UInt64(bytes.count) else {
            throw RecordedBytesError(reason: "the recording ends before byte \(end)")
        }
        buffer.copyBytes(from: bytes[Int(fileOffset)..<Int(end)])
    }
}
