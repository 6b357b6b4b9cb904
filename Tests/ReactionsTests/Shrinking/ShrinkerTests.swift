import Faults
import Recordings
import Testing

@testable import Reactions

@Suite struct ShrinkerTests {
    /// What the search came to.
    struct Found {
        var shrinker: Shrinker
        var answers: [Bool] = []
        var asked: [ShrinkCandidate] = []

        var strikes: [String] { shrinker.best.strikes.map(\.id) }
    }

    /// Four connections that take turns, each with so many lines, 10 ms apart.
    static func transcript(messages: Int, connections: UInt32 = 4) throws -> Transcript {
        var builder = try TranscriptBuilder(framing: .framer(FramerSettings(name: "line")))
        var nanoseconds: Int64 = 0
        var offset: UInt64 = 0
        func add(_ connection: UInt32, _ direction: Direction?, _ fact: Event.Fact, _ text: String)
        {
            nanoseconds += 5_000_000
            let bytes = Array(text.utf8)
            builder.receive(
                Event(
                    at: Instant(nanoseconds: nanoseconds), connection: connection, attempt: 1,
                    direction: direction, fact),
                bytes.span, fileOffset: offset)
            offset += UInt64(bytes.count)
        }
        for connection in 1...connections {
            add(connection, nil, .opened(route: 0, client: "", server: ""), "")
        }
        for _ in 0..<messages {
            for connection in 1...connections {
                add(connection, .upstream, .chunk, "add\n")
                add(connection, .downstream, .chunk, "ok\n")
            }
        }
        return builder.finish()
    }

    static func strikes(
        _ count: Int, connections: UInt32 = 4, effect: StrikeEffect? = nil
    ) -> [Strike] {
        (0..<count).map { index in
            let connection = UInt32(index) % connections + 1
            let message = UInt64(index) / UInt64(connections) + 1
            return Strike(
                id: "duplicate@\(connection)u\(message)", rule: "duplicate",
                connection: connection, direction: .upstream, message: message,
                effect: effect ?? .duplicate(copies: 1, afterNanoseconds: 0))
        }
    }

    static func symptom(
        _ place: Symptom.Place = .probe("balance"), suspects: [String] = []
    ) -> Symptom {
        Symptom(
            .inconsistent, place, at: Instant(nanoseconds: 0), isEffect: true, suspects: suspects,
            evidence: .words("other"))
    }

    static func run(
        _ subject: ShrinkSubject, _ limits: Shrinker.Limits = .init(),
        resuming answers: [Bool] = [], _ shows: (ShrinkCandidate) -> Bool
    ) -> Found {
        var found = Found(shrinker: Shrinker(subject, limits: limits))
        var settings: Set<ShrinkCandidate.Setting> = [ShrinkCandidate.Setting()]
        while let candidate = found.shrinker.next() {
            let number = found.answers.count
            let shown = number < answers.count ? answers[number] : shows(candidate)
            let cost = settings.insert(candidate.setting).inserted ? 3 : 1
            found.answers.append(shown)
            found.asked.append(candidate)
            found.shrinker.receive(shown, cost: cost)
        }
        return found
    }

    static func keeps(_ strike: Strike, _ candidate: ShrinkCandidate, _ transcript: Transcript)
        -> Bool
    {
        guard let connection = transcript.connection(strike.connection) else { return false }
        return candidate.strikes.contains { $0.id == strike.id }
            && candidate.setting.part.keeps(
                strike.message, of: strike.connection,
                began: connection.upstream.began(strike.message))
    }

    static func messages(_ candidate: ShrinkCandidate, _ transcript: Transcript) -> Int {
        transcript.connections.reduce(0) { sum, connection in
            sum
                + (1...connection.upstream.count).count { number in
                    candidate.setting.part.keeps(
                        number, of: connection.number, began: connection.upstream.began(number))
                }
        }
    }

    @Test func `a recording whose instants lie as far apart as can be is searched all the same`()
        throws
    {
        var builder = try TranscriptBuilder(framing: .framer(FramerSettings(name: "line")))
        let instants: [Int64] = [.min, .min + 1, .min + 2, .max - 1, .max]
        for (index, instant) in instants.enumerated() {
            let bytes = Array((index == 0 ? "" : "add\n").utf8)
            builder.receive(
                Event(
                    at: Instant(nanoseconds: instant), connection: 1, attempt: 1,
                    direction: index == 0 ? nil : .upstream,
                    index == 0 ? .opened(route: 0, client: "", server: "") : .chunk),
                bytes.span, fileOffset: UInt64(4 * max(0, index - 1)))
        }
        let transcript = builder.finish()
        #expect(transcript.connection(1)?.upstream.count == 4)
        let strikes = Self.strikes(4, connections: 1)
        let subject = ShrinkSubject(
            schedule: Schedule(seed: 1, strikes: strikes), symptom: Self.symptom(),
            transcript: transcript)
        let best = ShrinkCandidate(strikes: Array(strikes.prefix(2)), conditions: [])
        for step in [ShrinkStep.pacing, .firstEnding, .strikes, .ending] {
            #expect(subject.search(step, from: best) != nil)
        }
    }

    @Test func `of 500 strikes the two that show it together are left, with their messages alone`()
        throws
    {
        let seed: UInt64 = 1
        print("seed \(seed)")
        var random = SeededRandom(state: seed)
        let transcript = try Self.transcript(messages: 130)
        let strikes = Self.strikes(500)
        let subject = ShrinkSubject(
            schedule: Schedule(seed: 7, strikes: strikes), symptom: Self.symptom(),
            transcript: transcript)
        var (most, sum) = (0, 0)
        let rounds = 60
        for _ in 0..<rounds {
            let first = Int(random.below(500))
            let second = (first + 1 + Int(random.below(499))) % 500
            let needed = [strikes[first], strikes[second]]
            let found = Self.run(subject) { candidate in
                needed.allSatisfy { Self.keeps($0, candidate, transcript) }
            }
            #expect(found.shrinker.ending == .smallest)
            #expect(Set(found.strikes) == Set(needed.map(\.id)))
            #expect(Self.messages(found.shrinker.best, transcript) == 2)
            #expect(found.shrinker.best.setting.isAsap)
            #expect(found.shrinker.confirmation == Blame.Count(3, of: 3))
            most = max(most, found.shrinker.replays)
            sum += found.shrinker.replays
        }
        print("at most \(most) replays, \(sum / rounds) in the mean, clean ones too")
        #expect(most <= 60)
    }

    @Test func `a suspect that shows it alone is found with the first candidate`() throws {
        let transcript = try Self.transcript(messages: 20, connections: 1)
        let strikes = Self.strikes(20, connections: 1)
        let symptom = Self.symptom(
            .answer(connection: 1, attempt: 1, message: 18), suspects: [strikes[12].id])
        let subject = ShrinkSubject(
            schedule: Schedule(seed: 7, strikes: strikes), symptom: symptom,
            transcript: transcript)
        let found = Self.run(subject) { Self.keeps(strikes[12], $0, transcript) }
        #expect(found.strikes == [strikes[12].id])
        // The message that shows it stays, and the one that is struck.
        #expect(Self.messages(found.shrinker.best, transcript) == 2)
        #expect(found.answers.allSatisfy { $0 })
        #expect(found.asked.count == 7)
    }

    @Test func `a search that goes on from its answers ends as if it had never stopped`() throws {
        let transcript = try Self.transcript(messages: 20)
        let strikes = Self.strikes(80)
        let subject = ShrinkSubject(
            schedule: Schedule(seed: 7, strikes: strikes), symptom: Self.symptom(),
            transcript: transcript)
        func shows(_ candidate: ShrinkCandidate) -> Bool {
            [strikes[11], strikes[58]].allSatisfy { Self.keeps($0, candidate, transcript) }
        }
        let whole = Self.run(subject, .init(), shows)
        for count in 0...whole.answers.count {
            let rest = Self.run(subject, .init(), resuming: Array(whole.answers[..<count]), shows)
            #expect(rest.asked == whole.asked)
            #expect(rest.shrinker.best == whole.shrinker.best)
        }
    }

    @Test func `a recording that is served stays whole`() throws {
        let transcript = try Self.transcript(messages: 20)
        let strikes = Self.strikes(60)
        let subject = ShrinkSubject(
            schedule: Schedule(seed: 7, strikes: strikes), symptom: Self.symptom(),
            transcript: transcript, cutsRecording: false)
        let found = Self.run(subject) { Self.keeps(strikes[41], $0, transcript) }
        #expect(found.strikes == [strikes[41].id])
        #expect(found.asked.allSatisfy { $0.setting == ShrinkCandidate.Setting() })
        #expect(found.shrinker.ending == .smallest)
    }

    @Test func `a symptom that does not show again ends the search after three runs`() throws {
        let subject = ShrinkSubject(
            schedule: Schedule(seed: 7, strikes: Self.strikes(9)), symptom: Self.symptom(),
            transcript: try Self.transcript(messages: 9))
        let found = Self.run(subject) { _ in false }
        #expect(found.shrinker.ending == .notRepeated)
        #expect(found.asked.count == 3)
    }

    @Test func `a bound on replays is kept, and the best so far is there`() throws {
        let transcript = try Self.transcript(messages: 130)
        let strikes = Self.strikes(500)
        let subject = ShrinkSubject(
            schedule: Schedule(seed: 7, strikes: strikes), symptom: Self.symptom(),
            transcript: transcript)
        let found = Self.run(subject, .init(mostReplays: 12)) { candidate in
            [strikes[100], strikes[400]].allSatisfy { Self.keeps($0, candidate, transcript) }
        }
        #expect(found.shrinker.ending == .outOfReplays)
        #expect(found.shrinker.replays <= 14)
        #expect(found.shrinker.best.strikes.count < 500)
    }

    @Test func `where a condition alone shows it, no strike is left, and it covers what it must`()
        throws
    {
        let transcript = try Self.transcript(messages: 40)
        let latency = Condition(
            id: "latency", effect: .latency(Latency(latencyNanoseconds: 80_000_000)),
            direction: .upstream)
        let other = Condition(
            id: "other", effect: .latency(Latency(latencyNanoseconds: 1_000_000)),
            direction: .upstream)
        let subject = ShrinkSubject(
            schedule: Schedule(
                seed: 7, conditions: [other, latency], strikes: Self.strikes(30)),
            symptom: Self.symptom(.answer(connection: 2, attempt: 1, message: 17)),
            transcript: transcript)
        let found = Self.run(subject) { candidate in
            candidate.conditions.contains { condition in
                guard case .latency(let latency) = condition.effect else { return false }
                return latency.latencyNanoseconds >= 20_000_000
                    && condition.covers(connection: 2, route: 0, seed: 7)
                    && condition.covers(message: 17, began: Instant(nanoseconds: 0))
            }
        }
        let best = found.shrinker.best
        #expect(best.strikes.isEmpty)
        #expect(best.conditions.map(\.id) == ["latency"])
        #expect(best.conditions.first?.connections == [2...2])
        #expect(best.conditions.first?.messages == [17...17])
        #expect(
            best.conditions.first?.effect == .latency(Latency(latencyNanoseconds: 40_000_000)))
    }

    @Test func `fewer copies, and sooner ones, are tried`() throws {
        let transcript = try Self.transcript(messages: 5)
        let strikes = Self.strikes(
            5, effect: .duplicate(copies: 40, afterNanoseconds: 50_000_000))
        let subject = ShrinkSubject(
            schedule: Schedule(seed: 7, strikes: strikes), symptom: Self.symptom(),
            transcript: transcript)
        let found = Self.run(subject) { candidate in
            candidate.strikes.contains { strike in
                guard case .duplicate(let copies, _, _) = strike.effect else { return false }
                return copies >= 7 && strike.id == strikes[3].id
            }
        }
        #expect(found.strikes == [strikes[3].id])
        #expect(
            found.shrinker.best.strikes.first?.effect
                == .duplicate(copies: 10, afterNanoseconds: 50_000_000))
    }

    @Test func `a smallest one that does not show it again is taken back`() throws {
        let transcript = try Self.transcript(messages: 4, connections: 1)
        let strikes = Self.strikes(4, connections: 1)
        let subject = ShrinkSubject(
            schedule: Schedule(seed: 7, strikes: strikes), symptom: Self.symptom(),
            transcript: transcript)
        // One strike alone shows it once by chance; it takes two.
        var hasErred = false
        let found = Self.run(subject) { candidate in
            if candidate.strikes.count == 1, !hasErred {
                hasErred = true
                return true
            }
            return candidate.strikes.count >= 2
        }
        #expect(hasErred)
        #expect(found.shrinker.ending == .smallest)
        #expect(found.shrinker.best.strikes.count == 4)
        #expect(found.shrinker.confirmation == Blame.Count(3, of: 3))
    }
}
