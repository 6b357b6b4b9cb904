import Engine
import Faults
import Platform
import Recordings
import Simulation
import Text

/// A replay that a seed draws in all its parts, and what must be true of it.
final class DrawnReplay {
    let bench: ReplayBench
    private var dice: SeededDice
    private var take: Take?
    private(set) var strikes: [Strike] = []
    private var conditions: [Condition] = []
    private var pacing = Pacing.hybrid
    private var mode = Mode.answers
    private var server: ScriptedServer?
    /// Messages of the connection at hand that a reorder has taken.
    private var taken: Set<UInt64> = []

    /// What kind of recording, and how the consumer behaves.
    private enum Mode: CaseIterable {
        /// Each line is answered, and the recording has no fault to it.
        case answers
        /// So, and nothing strikes: what goes upstream must be what was recorded.
        case clean
        /// The consumer ends connections when it likes.
        case rude
        /// Lines that are not paired.
        case turns
        /// Bytes without messages.
        case raw
    }

    init(seed: UInt64) {
        dice = SeededDice(seed: seed)
        bench = ReplayBench(seed: seed, misbehaviour: .rough)
        if dice.roll(Odds(1, in: 3)) {
            bench.network.path = NetworkPath(bufferBytes: 16 + dice.draw(below: 64))
        }
        bench.network.path.upstreamNanoseconds = dice.draw(below: 3_000_000)
        bench.network.path.downstreamNanoseconds = dice.draw(below: 3_000_000)
    }

    func run() throws {
        mode = Mode.allCases[dice.draw(below: Mode.allCases.count)]
        pacing = Pacing.allCases[dice.draw(below: Pacing.allCases.count)]
        let take = try drawTake()
        self.take = take
        if mode != .clean { drawStrikes(take) }
        var consumer = dice
        server = try bench.serve { [mode] line in
            var steps: [ScriptStep] = []
            if consumer.roll(Odds(1, in: 3)) {
                steps.append(.wait(consumer.draw(below: 4_000_000)))
            }
            if mode == .rude, consumer.roll(Odds(1, in: 8)) {
                return steps + [consumer.roll(Odds(1, in: 2)) ? .close : .reset]
            }
            return steps + [.send(ScriptBytes("=" + line + "\n"))]
        }
        if dice.roll(Odds(1, in: 4)) {
            server?.pace = .slow(bytes: 1 + dice.draw(below: 40), everyNanoseconds: 300_000)
        }
        let isInterrupted = mode == .rude && dice.roll(Odds(1, in: 4))
        bench.start(take, strikes, conditions: conditions) { settings in
            settings.pacing = pacing
            settings.answerTimeoutNanoseconds = 300_000_000
            settings.endTimeoutNanoseconds = 300_000_000
        }
        if isInterrupted {
            try bench.network.run(forNanoseconds: dice.draw(below: 30_000_000))
            bench.replay?.stop()
        }
        try bench.network.run { self.bench.result != nil }
    }

    /// What was drawn, and what happened.
    var story: String {
        let recorded = (take?.transcript.connections ?? []).map { connection in
            "recorded \(connection.number): \(connection.upstream.messages.map(\.length))"
        }
        return "\(mode) \(pacing) \(strikes.map { "\($0.id) \($0.effect)" })\n"
            + recorded.joined(separator: "\n") + "\n" + bench.text
    }

    // MARK: - The recording

    private func drawTake() throws -> Take {
        var lines: [(Int64, String)] = []
        for connection in 1...(1 + dice.draw(below: 3)) {
            var time = dice.draw(below: Int64(5_000))
            func add(_ what: String) { lines.append((time, "c\(connection) \(what)")) }
            add("open")
            var owed = 0
            for message in 0..<dice.draw(below: 12) {
                time += dice.draw(below: 3_000)
                let word = String(repeating: "m", count: dice.draw(below: 30)) + "\(message)"
                if dice.roll(Odds(1, in: 4)) {
                    add("> \(word)")
                    time += dice.draw(below: 500)
                    add("> end\\n")
                } else {
                    add("> \(word)\\n")
                }
                owed += 1
                while owed > 0, dice.roll(Odds(1, in: 2)) {
                    time += dice.draw(below: 2_000)
                    add("< r\\n")
                    owed -= 1
                }
            }
            while owed > 0, dice.roll(Odds(7, in: 8)) {
                add("< r\\n")
                owed -= 1
            }
            time += dice.draw(below: 3_000)
            switch dice.draw(below: 4) {
            case 0: break
            case 1: add("reset >")
            case 2:
                add("fin <")
                add("fin >")
            default:
                add("fin >")
                add("fin <")
            }
        }
        lines.sort { $0.0 < $1.0 }
        let protocolText = [.raw: "none", .turns: "line:pairing=none"][mode] ?? "line"
        return try Take(
            protocolText, lines.map { "\(Double($0.0) / 1_000)ms \($0.1)" }.joined(separator: "\n"))
    }

    // MARK: - The strikes

    private func drawStrikes(_ take: Take) {
        if dice.roll(Odds(1, in: 3)) {
            conditions = [
                Condition(
                    id: "latency",
                    effect: .latency(
                        Latency(latencyNanoseconds: 2_000_000, jitterNanoseconds: 2_000_000)),
                    direction: .upstream)
            ]
        }
        drawLimits()
        for connection in take.transcript.connections {
            taken = []
            for message in 1...max(1, connection.upstream.count)
            where message <= connection.upstream.count {
                if dice.roll(Odds(1, in: 6)) {
                    add(.delay(nanoseconds: drawTime()), connection, message)
                }
                if !taken.contains(message), dice.roll(Odds(1, in: 2)) {
                    drawStrike(connection, message)
                }
            }
        }
    }

    /// Conditions that hold bytes back.
    private func drawLimits() {
        func add(_ effect: ConditionEffect, _ direction: Direction = .upstream) {
            conditions.append(
                Condition(id: effect.kind.name, effect: effect, direction: direction))
        }
        if dice.roll(Odds(1, in: 5)) {
            var bandwidth = Bandwidth(
                rate: ByteRate(bytesPerSecond: 1_000 + dice.draw(below: 20_000)))
            bandwidth.burst = ByteCount(bytes: 1 + dice.draw(below: 64))
            add(.bandwidth(bandwidth))
        }
        if dice.roll(Odds(1, in: 5)) {
            var slicer = Slicer()
            slicer.size = ByteCount(bytes: 1 + dice.draw(below: 16))
            slicer.variation = ByteCount(bytes: dice.draw(below: 8))
            slicer.delay = TimeAmount(nanoseconds: dice.draw(below: 200_000))
            add(.slicer(slicer))
        }
        if dice.roll(Odds(1, in: 5)) {
            var slow = SlowReader()
            slow.rate = ByteRate(bytesPerSecond: 2_000 + dice.draw(below: 20_000))
            add(.slowReader(slow), .downstream)
        }
        if dice.roll(Odds(1, in: 5)) {
            var slow = SlowClose()
            slow.delay = TimeAmount(nanoseconds: drawTime())
            add(.slowClose(slow))
        }
    }

    private func drawTime() -> Int64 { dice.draw(below: 5_000_000) }

    private func add(
        _ effect: StrikeEffect, _ connection: TranscriptConnection, _ message: UInt64
    ) {
        strikes.append(
            Strike(
                id: "\(effect.faultName)@\(connection.number)u\(message)", rule: effect.faultName,
                connection: connection.number, direction: .upstream, message: message,
                effect: effect))
    }

    private func drawStrike(_ connection: TranscriptConnection, _ message: UInt64) {
        let length = UInt64(connection.upstream.range(of: message).count)
        switch dice.draw(below: 6) {
        case 0: add(.drop, connection, message)
        case 1:
            let after = dice.roll(Odds(1, in: 2)) ? 0 : drawTime()
            add(
                .duplicate(copies: 1 + dice.draw(below: 3), afterNanoseconds: after), connection,
                message)
        case 2:
            let other = message + 1 + dice.draw(below: 2)
            guard other <= connection.upstream.count,
                connection.exchange(other).flight == connection.exchange(message).flight
            else { return }
            guard !taken.contains(other) else { return }
            taken.insert(other)
            add(.reorder(with: other...other), connection, message)
        case 3:
            let time = dice.roll(Odds(1, in: 6)) ? nil : drawTime()
            let sent = dice.draw(below: length + 1)
            add(.stall(sentBytes: sent, nanoseconds: time), connection, message)
        case 4:
            guard dice.roll(Odds(1, in: 3)) else { return }
            let kind = Ending.Kind.allCases[dice.draw(below: 5)]
            let ending = Ending(
                kind, sentBytes: kind == .refuse ? 0 : dice.draw(below: length + 1),
                how: dice.roll(Odds(1, in: 2)) ? .reset : .finish,
                silenceNanoseconds: kind == .timeout ? drawTime() : 0)
            add(.end(ending), connection, message)
        default:
            let sent = dice.draw(below: length + 1)
            var resend = connection.resend(cutAt: message)
            if sent == 0 { resend.removeAll { $0 == message } }
            let cut = Cut(
                sentBytes: sent, how: Cut.How.allCases[dice.draw(below: 3)],
                then: dice.roll(Odds(1, in: 6)) ? .stop : .reconnect, waitNanoseconds: drawTime(),
                resend: dice.roll(Odds(1, in: 4)) ? [] : resend.map { $0...$0 })
            add(.disconnect(cut), connection, message)
        }
    }
}

/// What must be true whatever happened.
extension DrawnReplay {
    var appliedKinds: [String: Int] {
        let kinds = Dictionary(uniqueKeysWithValues: strikes.map { ($0.id, $0.effect.faultName) })
        return outcomes.reduce(into: [:]) { counts, outcome in
            if outcome.result == .applied { counts[kinds[outcome.id] ?? "?", default: 0] += 1 }
        }
    }

    private var outcomes: [StrikeOutcome] {
        bench.events.compactMap { entry in
            guard case .strike(let outcome) = entry.event.fact else { return nil }
            return outcome
        }
    }

    func brokenPromises() -> [String] {
        guard let take, let result = bench.result else { return ["no result"] }
        var broken: [String] = []
        if outcomes.map(\.id).sorted() != strikes.map(\.id).sorted() {
            broken.append("outcomes \(outcomes.map(\.id)) of \(strikes.map(\.id))")
        }
        let instants = bench.events.map(\.event.instant)
        if zip(instants, instants.dropFirst()).contains(where: { $0 > $1 }) {
            broken.append("events go back in time")
        }
        if let failure = server?.failure, mode != .rude { broken.append(failure) }
        if bench.network.openDescriptors > 0 { broken.append("a socket was left open") }
        for connection in take.transcript.connections {
            broken += brokenBytes(connection, take)
            broken += brokenStrikes(connection)
        }
        let counts = result.counts
        let dropped = outcomes.count { $0.id.hasPrefix("drop@") && $0.result == .applied }
        if counts.messagesSent + counts.messagesUnsent + UInt64(dropped) != counts.messages {
            let cuts = strikes.count { $0.effect.cut != nil }
            // A message that a cut tore is never sent whole at its place.
            if cuts == 0 { broken.append("counts do not add up: \(counts)") }
        }
        if counts.strikesPlanned
            != counts.strikesApplied + counts.strikesPreempted + counts.strikesSkipped
        {
            broken.append("strike counts do not add up")
        }
        return broken
    }

    /// Every byte sent is a byte of its message at its offset, messages are whole but for the last
    /// of an attempt, and nothing else was sent.
    private func brokenBytes(_ connection: TranscriptConnection, _ take: Take) -> [String] {
        let recorded = take.upstream[connection.number] ?? []
        var broken: [String] = []
        var places: [UInt16: (message: UInt64, copy: UInt16, next: UInt64)] = [:]
        for (event, bytes) in bench.events where event.connection == connection.number {
            guard case .sent(let sent) = event.fact else { continue }
            var start = Int(sent.offset)
            var length = UInt64(recorded.count)
            if sent.message > 0 {
                let range = connection.upstream.range(of: sent.message)
                start += Int(range.lowerBound)
                length = UInt64(range.count)
            }
            guard start + bytes.count <= recorded.count,
                Array(recorded[start..<(start + bytes.count)]) == bytes
            else {
                broken.append("\(event) is not what was recorded")
                continue
            }
            let place = places[event.attempt]
            let continues =
                place.map { $0.message == sent.message && $0.copy == sent.copy } ?? false
            if sent.offset > 0, sent.message > 0, !continues || place?.next != sent.offset {
                broken.append("message \(sent.message) goes on at \(sent.offset) out of order")
            }
            if let place, sent.offset == 0, place.message > 0,
                place.next != UInt64(connection.upstream.range(of: place.message).count)
            {
                broken.append("message \(place.message) is torn in the middle of an attempt")
            }
            _ = length
            places[event.attempt] = (sent.message, sent.copy, sent.offset + UInt64(bytes.count))
        }
        if mode == .clean, bench.sentBytes(connection.number) != recorded {
            broken.append("connection \(connection.number) sent other bytes than recorded")
        }
        return broken
    }

    /// Originals keep the recorded order but for reorders; a resend list follows its cut.
    private func brokenStrikes(_ connection: TranscriptConnection) -> [String] {
        var broken: [String] = []
        let own = strikes.filter { $0.connection == connection.number }
        let outcome = Dictionary(
            uniqueKeysWithValues: outcomes.map {
                ($0.id, $0.reason.hasPrefix("with ") ? .preempted : $0.result)
            })
        let sent = bench.events.compactMap { entry -> (UInt16, Sent)? in
            guard case .sent(let sent) = entry.event.fact,
                entry.event.connection == connection.number, sent.offset == 0
            else { return nil }
            return (entry.event.attempt, sent)
        }
        let originals = sent.filter { _, sent in
            sent.copy == 0 && (sent.strike.isEmpty || sent.strike.hasPrefix("delay"))
        }.map(\.1.message)
        if mode != .raw, zip(originals, originals.dropFirst()).contains(where: { $0 >= $1 }) {
            broken.append("originals out of order: \(originals)")
        }
        for strike in own {
            let caused = sent.filter { $0.1.strike == strike.id }
            switch strike.effect {
            case .drop where outcome[strike.id] == .applied:
                let isListed = own.contains { other in
                    guard case .disconnect(let cut) = other.effect else { return false }
                    return cut.resend.contains { $0.contains(strike.message) }
                }
                if !isListed, sent.contains(where: { $0.1.message == strike.message }) {
                    broken.append("\(strike.id) was sent")
                }
            case .duplicate(let copies, _, _) where outcome[strike.id] == .applied:
                if caused.map(\.1.copy) != Array(1...copies) {
                    broken.append("\(strike.id) was sent as \(caused.map(\.1.copy))")
                }
            case .disconnect(let cut) where outcome[strike.id] == .applied:
                let listed = cut.resend.flatMap { Array($0) }
                let resent = caused.map(\.1.message).suffix(listed.count)
                let isCutShort =
                    caused.count < listed.count + (cut.sentBytes > 0 ? 1 : 0)
                if cut.then == .reconnect, !isCutShort, Array(resent) != listed {
                    broken.append("\(strike.id) sent \(resent) again, not \(listed)")
                }
                if cut.then == .reconnect, isCutShort, mode != .rude {
                    broken.append("\(strike.id) sent too little again")
                }
            default: break
            }
        }
        return broken
    }
}
