import Engine
import Faults
import Platform
import Recordings

/// The demo from end to end: recorded, worked out, replayed, asked, compared.
struct Demo {
    let seed: UInt64
    /// Made already.
    let folder: RunFolder
    /// What an earlier demo left in the folder is replaced.
    let replaces: Bool
    let stage: SystemStage
    /// Hears what is being done.
    let progress: (String) -> Void

    func play() throws(Failure) -> DemoOutcome {
        let script = ProducerScript(seed: seed)
        let path = "\(folder.path)/ledger.weir"
        progress("recording a producer and its ledger")
        let recording = try DemoRecording(
            of: script, into: try stage.makeStore(path, replacing: replaces),
            header: RecordingHeader(
                wallClockStart: WallClock.read(), toolVersion: Version.text), on: stage)
        let take = try DemoTake(path, seed: seed)

        var runs: [DemoOutcome.Run] = []
        for (edition, isDisturbed) in [
            (Ledger.Edition.naive, false), (.naive, true), (.careful, true),
        ] {
            progress("replaying to the \(edition) ledger\(isDisturbed ? "" : ", undisturbed")")
            let name = isDisturbed ? edition.rawValue : "undisturbed"
            let run = try RunFolder.make("\(folder.path)/\(name)", replacing: replaces)
            let server = try LedgerServer.start(edition, on: stage)
            let replayed = try take.replay(
                isDisturbed: isDisturbed, to: server.address, into: run, on: stage)
            let actual = try server.balances(of: script.accounts, on: stage)
            server.close()
            let balances = BalanceComparison(expected: recording.balances, actual: actual)
            let wrong = Set(balances.wrong.map(\.account))
            let consequences = replayed.applied.map { Consequence(of: $0, in: script) }
            runs.append(
                DemoOutcome.Run(
                    edition: edition, isDisturbed: isDisturbed, folder: run.path,
                    strikes: replayed.strikes, answers: replayed.answers, balances: balances,
                    consequences: consequences.filter {
                        !wrong.isDisjoint(with: $0.shifts.keys)
                    }))
        }
        return DemoOutcome(
            seed: seed, folder: folder.path,
            recorded: DemoOutcome.Recorded(
                path: path, connections: script.connections.count,
                requests: script.requestCount,
                answers: recording.answers, nanoseconds: recording.nanoseconds),
            rules: Self.rules(of: take.schedule), runs: runs)
    }

    private static func rules(of schedule: Schedule) -> [DemoOutcome.Rule] {
        DemoPlan.faults.map { fault in
            let planned = schedule.strikes.count { $0.rule == fault.option && $0.isPlanned }
            return DemoOutcome.Rule(name: fault.option, planned: planned)
        }
    }
}
