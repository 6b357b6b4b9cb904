import Faults
import Platform
import Recordings
import Simulation
import Testing

@testable import Engine

/// A strike that ends a connection waits for the answers that had come by then in the recording.
struct AnswersBeforeEndTests {
    /// Four exchanges one after the other, then three messages that are answered together.
    private func take(_ framing: String = "line") throws -> Take {
        try Take(
            framing,
            #"""
            0ms open
            10ms > a\n
            11ms < =a\n
            12ms > b\n
            13ms < =b\n
            14ms > c\n
            15ms < =c\n
            16ms > d\n
            17ms > e\n
            18ms > f\n
            20ms < =d\n=e\n=f\n
            30ms > g\n
            31ms < =g\n
            40ms fin >
            """#)
    }

    private func disconnect(
        at message: UInt64, sent: UInt64 = 1, resend: [ClosedRange<UInt64>], id: String = "s"
    ) -> Strike {
        Strike(
            id: id, rule: "s", connection: 1, direction: .upstream, message: message,
            effect: .disconnect(
                Cut(
                    sentBytes: sent, how: .reset, then: .reconnect, waitNanoseconds: 1_000_000,
                    resend: resend)))
    }

    private func end(_ ending: Ending, at message: UInt64) -> Strike {
        Strike(
            id: "s", rule: "s", connection: 1, direction: .upstream, message: message,
            effect: .end(ending))
    }

    @Test func `as fast as it goes, a cut lets the answers come that its list takes for granted`()
        throws
    {
        let bench = ReplayBench()
        _ = try bench.serveEcho(afterNanoseconds: 50_000_000)
        let result = try bench.play(take(), [disconnect(at: 5, resend: [4...5])]) {
            $0.pacing = .asap
        }
        // d is on the list: it is not waited for. What is sent first goes at once all the same.
        #expect(
            Array(bench.lines("1.1 ").dropFirst(2)) == [
                #"0ms 1.1 > 1 "a\n""#, #"0ms 1.1 > 2 "b\n""#, #"0ms 1.1 > 3 "c\n""#,
                #"0ms 1.1 > 4 "d\n""#, #"50ms 1.1 < "=a\n""#, #"100ms 1.1 < "=b\n""#,
                #"150ms 1.1 < "=c\n""#, #"150ms 1.1 > 5 "e" [s]"#, "150.2ms 1.1 s applied",
                "150.2ms 1.1 reset by weir",
            ])
        #expect(bench.lines("1.2 >").prefix(2).allSatisfy { $0.hasSuffix("[s]") })
        #expect(result.counts.endsInVain == 0 && result.counts.uncoupled == 0)
    }

    @Test(arguments: [
        Ending(.reset), Ending(.truncate, sentBytes: 1, how: .finish), Ending(.limitData),
        Ending(.timeout, sentBytes: 2, silenceNanoseconds: 1_000_000),
    ])
    func `so does whatever ends a connection for good, on recorded time too`(ending: Ending) throws
    {
        for pacing in [Pacing.asap, .recorded] {
            let bench = ReplayBench()
            _ = try bench.serveEcho(afterNanoseconds: 50_000_000)
            try bench.play(take(), [end(ending, at: 4)]) { $0.pacing = pacing }
            let lines = bench.lines("1.1 ")
            let last = lines.firstIndex { $0.contains("=c") }
            let applied = lines.firstIndex { $0.hasSuffix("s applied") }
            #expect(last != nil && applied != nil && last! < applied!, "\(lines)")
        }
    }

    @Test func `what is cut before a message waits as well, and sends the message afterwards`()
        throws
    {
        let bench = ReplayBench()
        _ = try bench.serveEcho(afterNanoseconds: 50_000_000)
        try bench.play(take(), [disconnect(at: 3, sent: 0, resend: [])]) { $0.pacing = .asap }
        let cut = try #require(bench.lines("1.1 ").firstIndex(of: "100ms 1.1 s applied"))
        #expect(bench.lines("1.1 ")[cut - 1] == #"100ms 1.1 < "=b\n""#)
        #expect(bench.lines("1.2 > 3").count == 1)
    }

    @Test(arguments: ["line:pairing=none", "none"])
    func `where answers cannot be paired, it waits for as many bytes`(framing: String) throws {
        let bench = ReplayBench()
        _ = try bench.serveEcho(afterNanoseconds: 50_000_000)
        let strike =
            framing == "none"
            // The link's seventh byte: the second of d.
            ? end(Ending(.reset, sentBytes: 7), at: 1)
            : disconnect(at: 4, resend: [4...4])
        let latency = Condition(
            id: "latency", effect: .latency(Latency(latencyNanoseconds: 0, jitterNanoseconds: 0)),
            direction: .upstream)
        try bench.play(take(framing), [strike], conditions: framing == "none" ? [latency] : []) {
            $0.pacing = .asap
        }
        let lines = bench.lines("1.1 ")
        let applied = try #require(lines.firstIndex { $0.hasSuffix("s applied") }, "\(lines)")
        #expect(lines[..<applied].contains(#"150ms 1.1 < "=c\n""#), "\(lines)")
    }

    @Test func `an answer that does not come is waited for once, counted and said`() throws {
        let bench = ReplayBench()
        _ = try bench.serve { $0 == "b" ? [] : [.send(ScriptBytes("=" + $0 + "\n"))] }
        // Answers are told apart by their order alone: the consumer owes one for good.
        let strikes = [
            disconnect(at: 4, resend: [4...4]), disconnect(at: 7, resend: [7...7], id: "t"),
        ]
        let result = try bench.play(take(), strikes) {
            $0.pacing = .asap
            $0.answerTimeoutNanoseconds = 300_000_000
        }
        #expect(
            bench.lines("s applied") == [
                "301.2ms 1.1 s applied: answers that had come by then in the recording had not"
            ])
        #expect(bench.lines("uncoupled").count == 1)
        #expect(bench.lines("t applied").count == 1 && !bench.lines("t applied")[0].contains("had"))
        #expect(result.counts.endsInVain == 1 && result.counts.uncoupled == 1)
    }

    @Test func `an answer that goes on behind the struck message in the recording need only begin`()
        throws
    {
        let take = try Take(
            "line",
            #"""
            0ms open
            10ms > a\n
            11ms < =
            12ms > b\n
            13ms < a\n=b\n
            20ms fin >
            """#)
        let bench = ReplayBench()
        // It ends its answer to a only when it has heard of b, which the cut keeps from it.
        _ = try bench.serve { $0 == "a" ? [.wait(40_000_000), .send("=")] : [.send("a\n=b\n")] }
        let result = try bench.play(take, [disconnect(at: 2, resend: [2...2])]) {
            $0.pacing = .asap
        }
        #expect(bench.lines("1.1 s applied") == ["40.2ms 1.1 s applied"])
        #expect(result.counts.endsInVain == 0)
    }
}

/// Slow consumers that a seed draws, before recordings and cuts that it draws.
struct DrawnCutTests {
    @Test func `whatever is cut, in each pacing every message is answered at last`() throws {
        var (cuts, late) = (0, 0)
        for seed in UInt64(1)...600 {
            var dice = SeededDice(seed: seed)
            let take = try Self.take(&dice)
            let strikes = Self.strikes(take, &dice)
            let pacing = Pacing.allCases[dice.draw(below: Pacing.allCases.count)]
            let bench = ReplayBench(seed: seed, misbehaviour: .rough)
            var consumer = dice
            _ = try bench.serve { line in
                [
                    .wait(consumer.draw(below: 40_000_000)),
                    .send(ScriptBytes("=" + line + "\n")),
                ]
            }
            let result = try bench.play(take, strikes) { $0.pacing = pacing }
            cuts += Int(result.counts.reconnects)
            late += result.nanoseconds > 100_000_000 ? 1 : 0
            let came = Self.received(bench)
            let missing = (1...take.transcript.connections[0].upstream.count)
                .filter { !came.contains("=m\($0).") }
            guard missing.isEmpty, result.counts.endsInVain == 0 else {
                Issue.record("seed \(seed), \(pacing): \(missing) not answered\n\(bench.text)")
                return
            }
        }
        #expect(cuts > 600 && late > 300, "\(cuts) cuts, \(late) slow")
    }

    /// All lines that came, attempt by attempt.
    private static func received(_ bench: ReplayBench) -> Set<String> {
        let chunks = bench.events.filter { $0.event.fact == .chunk }
        let byAttempt = Dictionary(grouping: chunks, by: \.event.attempt)
        let texts = byAttempt.values.map { String(decoding: $0.flatMap(\.bytes), as: UTF8.self) }
        return Set(texts.flatMap { $0.split(separator: "\n").map(String.init) })
    }

    /// Up to 24 messages, answered in runs.
    private static func take(_ dice: inout SeededDice) throws -> Take {
        var lines = ["0ms open"]
        var (time, owed): (Int, [Int]) = (1, [])
        func add(_ what: String) {
            lines.append("\(time)ms \(what)")
            time += 1
        }
        for message in 1...(2 + dice.draw(below: 22)) {
            add("> m\(message).\\n")
            owed.append(message)
            while !owed.isEmpty, dice.roll(Odds(1, in: 2)) {
                add("< =m\(owed.removeFirst()).\\n")
            }
        }
        for message in owed { add("< =m\(message).\\n") }
        add("fin >")
        return try Take("line", lines.joined(separator: "\n"))
    }

    private static func strikes(_ take: Take, _ dice: inout SeededDice) -> [Strike] {
        let connection = take.transcript.connections[0]
        var strikes: [Strike] = []
        var taken: Set<UInt64> = []
        for message in 1...connection.upstream.count where !taken.contains(message) {
            let kind = dice.draw(below: 8)
            let effect: StrikeEffect
            if kind == 0, message + 2 <= connection.upstream.count,
                connection.exchange(message).flight == connection.exchange(message + 2).flight
            {
                // The one between may be cut: then the later one was sent ahead of it.
                taken.insert(message + 2)
                effect = .reorder(with: (message + 2)...(message + 2))
            } else if kind < 3 {
                let length = connection.upstream.range(of: message).count
                let sent = UInt64(dice.draw(below: length + 1))
                let list = connection.resend(cutAt: message).filter { sent > 0 || $0 != message }
                effect = .disconnect(
                    Cut(
                        sentBytes: sent, how: [.reset, .finish][dice.draw(below: 2)],
                        then: .reconnect, waitNanoseconds: 1_000_000, resend: list.map { $0...$0 }))
            } else {
                continue
            }
            strikes.append(
                Strike(
                    id: "\(effect.faultName)@1u\(message)", rule: "s", connection: 1,
                    direction: .upstream, message: message, effect: effect))
        }
        return strikes
    }
}
