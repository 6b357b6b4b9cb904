import Engine
import Faults
import Platform
import Reactions
import Recordings
import Reports
import Text

/// Runs replays with everything that a test has around them, one after the other.
///
/// ```
/// reset ─► consumer started, accepts ─► replay ─► settle ─► probes, health ─► consumer ended
///            └ its lines, its end ──────┴ health, once a second ┘
/// ```
/// Where the consumer dials, Weir listens before it is started, and the replay ends with it.
///
/// All of a run is one recording, `replay.weir`, on one clock.
final class Bench {
    /// What is replayed in one run, and where that is kept.
    struct Request {
        var source: ReplaySource
        var schedule: Schedule
        var plan: Plan?
        /// An address whose port is 0 becomes a free one, which the consumer is told.
        var settings: ReplaySettings
        /// Where the consumer is the one that dials.
        var serving: ServedAs?
        /// The same, with its door open already.
        var served: ReplayRun.Serving?
        var speed: String
        var repeating: String
        var folder: RunFolder
    }

    /// How Weir stands in for the recorded service.
    struct ServedAs {
        var options: ServingOptions
        var playback: PlaybackOptions
    }

    let setup: BenchSetup
    let loop: TestLoop
    /// Hears how far the replay has come, now and then.
    var progressed: ((ReplayRun) -> Void)?
    private var pool: BlockPool?

    init(_ setup: BenchSetup, on loop: TestLoop) {
        self.setup = setup
        self.loop = loop
    }

    /// One run, from the reset to the consumer's end.
    /// - Parameter reacted: hears each reaction, in order.
    /// - Throws: when it could not be run as it was asked for, or was interrupted. What was begun
    ///   is ended, and what was recorded is kept, whatever happens.
    func run(
        _ request: Request, reacted: @escaping (Reaction) -> Void
    ) throws(Failure) -> Take {
        let take = try BenchRun(request, setup, store: store(request.folder), on: loop, reacted)
        take.replay.progressed = progressed
        loop.endAtOnce = { [unowned take] in take.abandon() }
        defer { loop.endAtOnce = nil }
        var failure: Failure?
        do throws(Failure) {
            try take.perform()
        } catch {
            failure = error
        }
        let closing = take.close()
        if let failure = failure ?? closing { throw failure }
        return try take.result()
    }

    private func store(_ folder: RunFolder) throws(Failure) -> any BlockStore {
        do {
            let file = try File.create(folder.recording)
            // Used again where all of it came back: mapping memory costs more than a short run.
            let free = pool.flatMap { $0.freeCount == $0.count ? $0 : nil }
            let pool = try free ?? BlockPool(count: 6)
            self.pool = pool
            return try BlockWriter(to: file, pool: pool, network: loop.network)
        } catch {
            throw Failure(.unwritable, "\(folder.recording) cannot be recorded to: \(error)")
        }
    }
}

/// What one run came to.
struct Take {
    var folder: RunFolder
    var schedule: Schedule
    var outcomes: OutcomeLedger
    var report: ReplayReport
    /// From the reset to the probes.
    var nanoseconds: Int64
    /// The consumer ended although nobody had asked it to: its exit code, and how it looked.
    var crash: (exitCode: Int32, account: String)?
    /// A consumer that dials came to its own end, with exit code 0.
    var hasFinished: Bool
    var probes: [(probe: Probe, outcome: ShellCommand.Outcome)]
    /// Of what the consumer wrote, beyond what is kept.
    var missedOutputBytes: UInt64
}
