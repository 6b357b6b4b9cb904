import Engine
import Faults
import Platform
import Recordings
import Simulation
import Testing
import Text

/// Replays as the server whose recording, strikes, consumers and network a seed draws.
struct StandInSeedTests {
    /// One of them.
    private final class Drawn {
        let bench: StandInBench
        private var dice: SeededDice
        private(set) var strikes: [Strike] = []
        private var consumers: [LineConsumer] = []
        private(set) var isClean = false
        private var answers: [UInt32: [UInt8]] = [:]

        init(seed: UInt64) {
            dice = SeededDice(seed: seed)
            bench = StandInBench(seed: seed, misbehaviour: .rough)
            if dice.roll(Odds(1, in: 3)) {
                bench.network.path = NetworkPath(bufferBytes: 16 + dice.draw(below: 64))
            }
            bench.network.path.upstreamNanoseconds = dice.draw(below: 3_000_000)
            bench.network.path.downstreamNanoseconds = dice.draw(below: 3_000_000)
        }

        func run() throws {
            let talks = (0..<(1 + dice.draw(below: 3))).map { client in
                (0..<(1 + dice.draw(below: 8))).map { number in
                    dice.roll(Odds(1, in: 5)) ? "same" : "q\(client).\(number)"
                }
            }
            let take = try draw(talks)
            isClean = dice.roll(Odds(1, in: 4))
            if !isClean { drawStrikes(take) }
            try bench.start(take, strikes, conditions: isClean ? [] : drawConditions()) {
                settings in
                settings.replay.pacing = Pacing.allCases[dice.draw(below: 4)]
                settings.replay.endTimeoutNanoseconds = 100_000_000
                settings.replay.stallTimeoutNanoseconds = 400_000_000
                settings.idleNanoseconds = 300_000_000
                settings.onUnknown = dice.roll(Odds(1, in: 2)) ? .close : .wait
            }
            for questions in talks {
                let kinds = LineConsumer.Kind.allCases
                let kind = isClean ? .retries : kinds[dice.draw(below: kinds.count)]
                consumers.append(
                    LineConsumer(
                        kind, on: bench.network.outside, to: bench.address, questions,
                        atOnce: 1 + dice.draw(below: 4),
                        dice: SeededDice(seed: UInt64(dice.draw(below: 1_000_000)))))
            }
            if !isClean, dice.roll(Odds(1, in: 8)) {
                try bench.network.run(forNanoseconds: Int64(dice.draw(below: 30_000_000)))
                bench.standIn?.stop()
            }
            try bench.run()
        }

        private func draw(_ talks: [[String]]) throws -> Take {
            var lines: [String] = []
            for (client, questions) in talks.enumerated() {
                var time = client
                lines.append("\(time)ms c\(client + 1) open")
                for question in questions {
                    time += 1 + dice.draw(below: 4)
                    lines.append("\(time)ms c\(client + 1) > \(question)\\n")
                    time += dice.draw(below: 3)
                    lines.append("\(time)ms c\(client + 1) < =\(question)\\n")
                }
                lines.append("\(time + 1)ms c\(client + 1) fin >")
                lines.append("\(time + 2)ms c\(client + 1) fin <")
            }
            return try Take("line", lines.joined(separator: "\n"))
        }

        private func drawConditions() -> [Condition] {
            guard dice.roll(Odds(1, in: 3)) else { return [] }
            var slicer = Slicer()
            slicer.size = ByteCount(bytes: UInt64(1 + dice.draw(below: 6)))
            return [
                Condition(
                    id: "latency",
                    effect: .latency(
                        Latency(latencyNanoseconds: 2_000_000, jitterNanoseconds: 2_000_000)),
                    direction: .downstream),
                Condition(id: "slicer", effect: .slicer(slicer), direction: .downstream),
            ]
        }

        private func drawStrikes(_ take: Take) {
            for connection in take.transcript.connections where connection.downstream.count > 0 {
                for message in 1...connection.downstream.count where dice.roll(Odds(1, in: 4)) {
                    let bytes = UInt64(connection.downstream.range(of: message).count)
                    let sent = UInt64(dice.draw(below: Int(bytes) + 1))
                    var effects: [StrikeEffect] = [
                        .delay(nanoseconds: Int64(dice.draw(below: 20_000_000))), .drop,
                        .duplicate(
                            copies: UInt16(1 + dice.draw(below: 3)),
                            afterNanoseconds: Int64(dice.draw(below: 4_000_000))),
                        .disconnect(Cut(sentBytes: sent, how: .reset)),
                        .disconnect(Cut(sentBytes: sent, how: .finish)),
                        .disconnect(Cut(sentBytes: sent, how: .halfClose)),
                        .end(Ending(.timeout, sentBytes: sent, silenceNanoseconds: 9_000_000)),
                        .stall(sentBytes: sent, nanoseconds: 10_000_000),
                        .corrupt(bits: [0]),
                    ]
                    if message < connection.downstream.count {
                        effects.append(.reorder(with: (message + 1)...(message + 1)))
                    }
                    strikes.append(
                        Strike(
                            id: "s@\(connection.number)d\(message)", rule: "s",
                            connection: connection.number, direction: .downstream,
                            message: message, effect: effects[dice.draw(below: effects.count)]))
                }
            }
        }

        /// What must be true whatever happened, and is not.
        func brokenPromises() throws -> [String] {
            var broken: [String] = []
            let outcomes = bench.events.compactMap { entry -> String? in
                guard case .strike(let outcome) = entry.event.fact else { return nil }
                return outcome.id
            }
            if outcomes.sorted() != strikes.map(\.id).sorted() {
                broken.append("outcomes \(outcomes)")
            }
            if bench.network.openDescriptors != 0 { broken.append("sockets are open") }
            let times = bench.events.map(\.event.instant)
            if zip(times, times.dropFirst()).contains(where: { $0 > $1 }) {
                broken.append("time goes backwards")
            }
            if isClean {
                let asked = bench.result?.served
                if asked?.unknown != 0 || asked?.again != 0 || asked?.answered != asked?.requests {
                    broken.append("\(String(describing: asked))")
                }
                if bench.result?.counts.messagesUnsent != 0 { broken.append("not all was sent") }
            }
            let retries = try bench.retries()
            let served = bench.result?.served
            if retries.attemptCount != served?.attempts { broken.append("attempts") }
            if retries.resendCount != served?.again { broken.append("resends") }
            if retries.unknownCount != served?.unknown { broken.append("unknown") }
            return broken
        }
    }

    @Test
    func `1,000 seeds of stand-ins hold what is promised, and each repeats to the byte`() throws {
        var applied: [String: Int] = [:]
        var again = 0
        for seed in UInt64(1)...1_000 {
            let first = Drawn(seed: seed)
            let second = Drawn(seed: seed)
            do {
                try first.run()
                try second.run()
            } catch {
                Issue.record("seed \(seed): \(error)\n\(first.strikes)\n\(first.bench.text)")
                return
            }
            guard try first.bench.recording() == second.bench.recording() else {
                Issue.record("seed \(seed) did not repeat")
                return
            }
            let broken = try first.brokenPromises()
            guard broken.isEmpty else {
                let text = "\(first.strikes.map { "\($0.id) \($0.effect)" })\n\(first.bench.text)"
                Issue.record("seed \(seed): \(broken.joined(separator: "; "))\n\(text)")
                return
            }
            for line in first.bench.lines(" applied") {
                let id = line.split(separator: " ")[2]
                let kind = first.strikes.first { $0.id == id }?.effect.faultName ?? ""
                applied[kind, default: 0] += 1
            }
            again += Int(first.bench.result?.served.again ?? 0)
        }
        for kind in ["delay", "drop", "duplicate", "disconnect", "stall", "corrupt"] {
            #expect(applied[kind, default: 0] > 50, "\(kind)")
        }
        #expect(again > 100)
    }
}
