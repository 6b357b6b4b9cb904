import Engine
import Faults
import Platform
import Recordings
import Simulation
import Testing

@testable import weir

/// The demo from end to end on a network in memory: what it promises, for many seeds.
@Suite struct DemoPromiseTests {
    @Test func `the careful ledger is right under any seed, the naive one as wrong as is computed`()
        throws
    {
        var harmless: [UInt64] = []
        for seed: UInt64 in 1...20 {
            print("seed \(seed)")
            let script = ProducerScript(seed: seed)
            let take = try DisturbedTake(script, seed: seed)

            let careful = try take.replay(to: .careful)
            #expect(careful.wrong.isEmpty, "seed \(seed): \(careful.wrong)")

            let naive = try take.replay(to: .naive)
            #expect(naive.applied == careful.applied, "seed \(seed)")
            let strikes = take.schedule.strikes.filter { naive.applied.contains($0.id) }
            var computed: [String: Int64] = [:]
            for strike in strikes {
                let consequence = Consequence(of: strike, in: script)
                computed.merge(consequence.shifts) { $0 + $1 }
            }
            let actual = Dictionary(
                uniqueKeysWithValues: naive.wrong.map { ($0.account, $0.difference) })
            for (account, difference) in actual {
                #expect(computed[account] == difference, "seed \(seed): \(account)")
            }
            // A card that one strike left wrong may be put right by another that resends it; money
            // that moved twice stays moved.
            for (account, difference) in computed where !account.hasPrefix("card-") {
                #expect(actual[account, default: 0] == difference, "seed \(seed): \(account)")
            }
            if actual.isEmpty { harmless.append(seed) }
        }
        #expect(harmless.isEmpty)
    }
}

/// A recording in memory, and what is to happen to it.
private struct DisturbedTake {
    let script: ProducerScript
    let schedule: Schedule
    private let file: [UInt8]
    private let transcript: Transcript
    private let framing: FramingChoice
    private let balances: [String: Int64]

    init(_ script: ProducerScript, seed: UInt64, on stage: SimulatedStage = SimulatedStage()) throws
    {
        self.script = script
        let (recording, file) = try record(script, on: stage)
        balances = recording.balances
        self.file = file
        var reader = try RecordingReader(MemoryFile(file))
        framing = try reader.framing().choice
        transcript = try reader.transcript(framing).transcript
        let scheduler = try Scheduler(DemoPlan.plan(seed: seed), seed: seed, framing: framing)
        var strikes: [Strike] = []
        try reader.forEachEvent { event, bytes, _ in
            scheduler.receive(event, bytes)
            while let next = scheduler.next() { strikes.append(next.strike) }
        }
        scheduler.finish()
        while let next = scheduler.next() { strikes.append(next.strike) }
        schedule = Schedule(
            scheduler.header, conditions: scheduler.conditions, strikes: strikes)
    }

    func replay(
        to edition: Ledger.Edition
    ) throws -> (wrong: [BalanceComparison.WrongBalance], applied: Set<String>) {
        let stage = SimulatedStage()
        let server = try LedgerServer.start(edition, on: stage)
        let watcher = Watcher()
        let replay = Replay(
            of: transcript, bytes: FileBytes(file), schedule: schedule,
            settings: ReplaySettings(to: server.address, framing: framing), on: stage.network,
            observer: watcher)
        replay.start(sessionStart: stage.network.now)
        try stage.run("the replay's end") { watcher.result != nil }
        let actual = try server.balances(of: script.accounts, on: stage)
        server.close()
        let comparison = BalanceComparison(expected: balances, actual: actual)
        return (comparison.wrong, watcher.applied)
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

private final class FileBytes: RecordedBytes {
    private let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func copyBytes(
        at fileOffset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(RecordedBytesError) {
        let start = Int(fileOffset)
        guard start + buffer.count <= bytes.count else {
            throw RecordedBytesError(reason: "beyond the end")
        }
        buffer.copyBytes(from: bytes[start..<start + buffer.count])
    }
}
