// fuzz smoke                          a few rounds of every fuzzer
// fuzz NAME --seed N --rounds N       one fuzzer; `--from N` begins at a later round
// fuzz canary                         must fail: proves that a failure is seen and told

import Glibc

/// What the command line asks for.
struct Request {
    var name = ""
    var seed: UInt64 = 7
    var first = 0
    var rounds = 100_000

    /// nil where it is not understood.
    init?(_ arguments: [String]) {
        guard let name = arguments.first else { return nil }
        self.name = name
        var rest = arguments.dropFirst()
        while let option = rest.popFirst() {
            guard let value = rest.popFirst() else { return nil }
            switch option {
            case "--seed":
                guard let seed = UInt64(value) else { return nil }
                self.seed = seed
            case "--from":
                guard let first = Int(value), first >= 0 else { return nil }
                self.first = first
            case "--rounds":
                guard let rounds = Int(value), rounds >= 0 else { return nil }
                self.rounds = rounds
            default: return nil
            }
        }
    }
}

func say(_ line: String) {
    print(line)
    fflush(nil)
}

/// Whether all rounds held. The first line reproduces a round that crashes, the last one failing.
func run(_ fuzzer: Fuzzer, seed: UInt64, first: Int, rounds: Int) -> Bool {
    say("fuzz \(fuzzer.name) --seed \(seed) --from \(first) --rounds \(rounds)")
    // A crash in a round says nothing by itself, so the place is said now and then.
    let step = 10_000
    var from = first
    while from < first + rounds {
        let count = min(step, first + rounds - from)
        if let failed = fuzzer.run(seed: seed, first: from, rounds: count) {
            say("\(fuzzer.name) failed in round \(failed.round): \(failed.failure.what)")
            say("reproduce: fuzz \(fuzzer.name) --seed \(seed) --from \(failed.round) --rounds 1")
            return false
        }
        from += count
        if from < first + rounds { say("\(fuzzer.name): all held before round \(from)") }
    }
    say("\(fuzzer.name): \(rounds) rounds held")
    return true
}

func usage() -> Never {
    say("usage: fuzz smoke | canary | NAME [--seed N] [--from ROUND] [--rounds N]")
    for fuzzer in Fuzzer.all { say("  \(fuzzer.name): \(fuzzer.summary)") }
    exit(2)
}

guard let request = Request(Array(CommandLine.arguments.dropFirst())) else { usage() }
switch request.name {
case "smoke":
    var holds = true
    for fuzzer in Fuzzer.all {
        holds =
            run(fuzzer, seed: request.seed, first: request.first, rounds: fuzzer.smokeRounds)
            && holds
    }
    exit(holds ? 0 : 1)
case "canary":
    exit(run(.canary, seed: request.seed, first: request.first, rounds: 10_000) ? 0 : 1)
default:
    guard let fuzzer = Fuzzer.all.first(where: { $0.name == request.name }) else { usage() }
    let holds = run(fuzzer, seed: request.seed, first: request.first, rounds: request.rounds)
    exit(holds ? 0 : 1)
}
