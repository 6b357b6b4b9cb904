/// The rivals through the workloads, round by round: each round has all of them, and begins with
/// another one, so that what else the machine does strikes all alike.
final class Race {
    private let ground: Ground
    private let effort: Effort
    private let weir: String
    private let deadline: Double
    private(set) var rivals: [Rival]
    private(set) var results = Results()
    private(set) var rounds = 0
    /// Rivals that could not start, and why.
    private(set) var absent: [(name: String, reason: String)] = []
    /// Bytes that did not arrive, and other trouble. One is enough for a failure.
    private(set) var failures: [String] = []

    init(
        _ rivals: [Rival], on ground: Ground, effort: Effort, weir: String, secondsAtMost: Double
    ) {
        self.rivals = rivals
        self.ground = ground
        self.effort = effort
        self.weir = weir
        deadline = secondsNow() + secondsAtMost
    }

    /// Runs all rounds, or as many as the time allows; `progress` hears of each.
    func run(progress: (String) -> Void) throws(BenchError) {
        let workloads = effort.workloads
        var servers: [any BenchServer] = []
        defer { for server in servers { server.stop() } }
        for workload in workloads { servers.append(try workload.startServer(ground)) }

        // A round that does not count: it warms up, and finds out who is here.
        progress("warming up")
        for rival in rivals { warmUp(rival, workloads[0], servers[0]) }
        rivals.removeAll { rival in absent.contains { $0.name == rival.name } }

        let start = secondsNow()
        for round in 0..<effort.rounds {
            let perRound = round == 0 ? 0 : (secondsNow() - start) / Double(round)
            if secondsNow() + perRound > deadline { break }
            progress("round \(round + 1) of \(effort.rounds)")
            for (workload, server) in zip(workloads, servers) {
                for place in rivals.indices {
                    let rival = rivals[(place + round) % rivals.count]
                    measure(rival, workload, server)
                }
            }
            rounds += 1
        }
    }

    private func warmUp(_ rival: Rival, _ workload: any Workload, _ server: any BenchServer) {
        do throws(BenchError) {
            _ = try run(rival, workload, server)
        } catch {
            absent.append((rival.name, error.description))
        }
    }

    private func measure(_ rival: Rival, _ workload: any Workload, _ server: any BenchServer) {
        do throws(BenchError) {
            let (values, cpu) = try run(rival, workload, server)
            for (measure, value) in zip(workload.measures, values) {
                results.add(value, workload.title, measure.name, rival.name)
            }
            results.add(cpu, workload.title, Results.cpu, rival.name)
        } catch {
            failures.append("\(workload.title), \(rival.name): \(error)")
        }
    }

    private func run(
        _ rival: Rival, _ workload: any Workload, _ server: any BenchServer
    ) throws(BenchError) -> (values: [Double], cpuSeconds: Double) {
        guard let command = rival.command else {
            return (try workload.run(through: server.port, to: server), 0)
        }
        return try ground.withFolders { disk, tmpfs throws(BenchError) in
            let listen = ground.nextPort()
            let course = Rival.Course(
                listen: listen, upstream: server.port, folder: disk, tmpfsFolder: tmpfs,
                weir: weir)
            let words = try command(course)
            let process = try ChildProcess(words[0], Array(words.dropFirst()), in: disk)
            defer { process.stop() }
            try process.awaitListener(on: listen)
            let before = process.cpuSeconds
            let values = try workload.run(through: listen, to: server)
            return (values, process.cpuSeconds - before)
        }
    }
}
