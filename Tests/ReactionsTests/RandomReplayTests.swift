import Faults
import Recordings
import Testing

@testable import Reactions

/// Replays in which anything may happen, drawn from a seed.
@Suite struct RandomReplayTests {
    private struct Random {
        var state: UInt64

        mutating func below(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }

        mutating func element<Element>(_ list: [Element]) -> Element {
            list[Int(below(UInt64(list.count)))]
        }
    }

    private static let requests = [
        "PING\\r\\n", "GET k\\r\\n", "MULTI\\r\\n", "EXEC\\r\\n", "SUBSCRIBE a b\\r\\n", "PI",
        "\\r\\n", "*1\\r\\n$4\\r\\nPING\\r\\n", "HELLO 3\\r\\n", "QUIT\\r\\n",
        "CLIENT REPLY OFF\\r\\n",
    ]
    private static let answers = [
        "+PONG\\r\\n", "$1\\r\\nx\\r\\n", "$-1\\r\\n", "-ERR no\\r\\n", ":1\\r\\n", "*0\\r\\n",
        "+PO",
        "NG\\r\\n", ">2\\r\\n+a\\r\\n+b\\r\\n", "junk\\r\\n", "*3\\r\\n$9\\r\\nsubscribe\\r\\n",
    ]

    private static func script(_ random: inout Random, isReplay: Bool) -> String {
        var instant: UInt64 = 0
        let lines = (0..<random.below(40)).map { _ in
            instant += random.below(30)
            let place = "\(instant) c\(1 + random.below(2)) a\(1 + random.below(2))"
            switch random.below(12) {
            case 0: return "\(place) open"
            case 1...4:
                guard isReplay else { return "\(place) > \(random.element(requests))" }
                let copy = random.below(4) == 0 ? ".1" : ""
                let strike = random.below(4) == 0 ? "[cut@1u2] " : ""
                return "\(place) > \(random.below(6))\(copy) \(strike)\(random.element(requests))"
            case 5...8: return "\(place) < \(random.element(answers))"
            case 9:
                return "\(place) \(random.element(["fin", "reset"])) "
                    + random.element(["client", "server", "weir"])
            case 10:
                let missing = random.element(["0", "7", "18446744073709551615"])
                return "\(place) gap \(random.element([">", "<"])) \(missing)"
            default:
                let what = [
                    "stalled", "resumed", "refused", "strike cut@1u2 applied",
                    "mark redelivery again@1u1",
                ]
                return "\(place) \(random.element(what))"
            }
        }
        return lines.joined(separator: "\n")
    }

    @Test func `whatever happens, it ends, and time that is told changes nothing`() throws {
        let seed: UInt64 = 7
        print("seed \(seed)")
        var random = Random(state: seed)
        var told = 0
        for _ in 0..<2_000 {
            var script = ReplayScript(
                recorded: Self.script(&random, isReplay: false),
                replayed: Self.script(&random, isReplay: true))
            script.framing = random.element([
                .framer(FramerSettings(name: "redis")), .framer(FramerSettings(name: "line")),
                .none,
            ])
            script.strikes = [
                Strike(
                    id: "cut@1u2", rule: "cut", connection: 1, direction: .upstream, message: 2,
                    effect: .disconnect(Cut(sentBytes: 1, resend: [1...2]))),
                Strike(
                    id: "again@1u1", rule: "again", connection: 1, direction: .upstream, message: 1,
                    effect: .duplicate(copies: 1, afterNanoseconds: 0, on: .new)),
            ]
            let reactions = try script.values()
            #expect(try Self.valuesTold(script) == reactions, "\(script)")
            var writer = ReactionLine(started: .init(nanoseconds: 0))
            for reaction in reactions { told += writer.line(reaction).isEmpty ? 0 : 1 }
            expectSent(reactions, script)
        }
        #expect(told > 10_000)
    }

    /// The same with the clock told at every event.
    private static func valuesTold(_ script: ReplayScript) throws -> [Reaction] {
        var (log, events) = try script.made()
        for (event, bytes) in events {
            log.pass(to: event.instant)
            log.receive(event, bytes.span)
        }
        log.pass(to: events.last?.event.instant ?? .start)
        log.finish()
        var reactions: [Reaction] = []
        while let reaction = log.next() { reactions.append(reaction) }
        return reactions
    }

    /// Only of what was sent an answer can be missing, and not of a copy.
    private func expectSent(_ reactions: [Reaction], _ script: ReplayScript) {
        var sent: [String: Int] = [:]
        for (event, _) in ReplayScript.events(script.replayed, isReplay: true) {
            guard case .sent(let sentMessage) = event.fact else { continue }
            sent["\(event.connection) \(event.attempt) \(sentMessage.message)", default: 0] += 1
        }
        for reaction in reactions {
            guard case .answer(let answer) = reaction.what, answer.compared == .missing else {
                continue
            }
            #expect(answer.copy == 0 && answer.message > 0)
            let identity = "\(reaction.connection) \(reaction.attempt) \(answer.message)"
            #expect(sent[identity] ?? 0 > 0, "\(identity) in \(script)")
        }
    }
}
