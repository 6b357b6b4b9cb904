import Foundation

// `Scripts/bench` builds everything and starts this: Weir against others, side by side.

struct Options {
    var effort = Effort.full
    var secondsAtMost = 270.0
    var weir = ".build/release/weir"
    var diskFolder = ".build"
    var only: [String] = []

    static let help = """
        bench [--quick] [--rounds N] [--only WORD]… [--weir PATH] [--disk DIR]

          --quick       smaller workloads, three rounds: under a minute
          --rounds N    so many rounds, as far as they fit into the time (five)
          --only WORD   rivals whose name has this word; haproxy always races
          --weir PATH   the binary (.build/release/weir)
          --disk DIR    where "to disk" is (.build)

        """

    init(_ arguments: [String]) throws(BenchError) {
        var rest = arguments[...]
        func value(of option: String) throws(BenchError) -> String {
            guard let value = rest.popFirst() else { throw BenchError("\(option) needs a value") }
            return value
        }
        while let option = rest.popFirst() {
            switch option {
            case "--quick":
                effort = .quick
                secondsAtMost = 45
            case "--rounds":
                let text = try value(of: option)
                guard let rounds = Int(text), (1...100).contains(rounds) else {
                    throw BenchError("--rounds takes 1 to 100, not \"\(text)\"")
                }
                effort.rounds = rounds
            case "--only": only.append(try value(of: option))
            case "--weir": weir = try value(of: option)
            case "--disk": diskFolder = try value(of: option)
            default: throw BenchError("unknown option \(option)\n\(Self.help)")
            }
        }
    }

    var rivals: [Rival] {
        guard !only.isEmpty else { return Rival.all }
        return Rival.all.filter { rival in
            rival.name == Rival.yardstick || only.contains { rival.name.contains($0) }
        }
    }
}

func write(_ text: String, to handle: FileHandle = .standardOutput) {
    handle.write(Data((text + "\n").utf8))
}

/// Started by the race itself.
func relay(_ listen: UInt16, _ upstream: UInt16, recording: Bool) throws(BenchError) {
    do {
        try Relay.run(listen: listen, upstream: upstream, recording: recording)
    } catch {
        throw BenchError("\(error)")
    }
}

func race(_ options: Options) throws(BenchError) -> Bool {
    let ground = try Ground(diskFolder: options.diskFolder)
    defer { ground.remove() }
    let race = Race(
        options.rivals, on: ground, effort: options.effort, weir: options.weir,
        secondsAtMost: options.secondsAtMost)
    try race.run { write("bench: \($0)", to: .standardError) }

    write("\(Machine.description); medians of \(race.rounds) rounds\n")
    let table = Table(results: race.results, rivals: race.rivals)
    for workload in options.effort.workloads { write(table.text(of: workload)) }
    for (name, reason) in race.absent { write("not here: \(name): \(reason)") }
    for failure in race.failures { write("FAILED: \(failure)") }
    return race.failures.isEmpty && race.rounds > 0
}

do throws(BenchError) {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.first == "relay", arguments.count == 4,
        let listen = UInt16(arguments[1]), let upstream = UInt16(arguments[2])
    {
        try relay(listen, upstream, recording: arguments[3] == "recording")
    } else if arguments.contains("--help") {
        write(Options.help)
    } else {
        exit(try race(Options(arguments)) ? 0 : 1)
    }
} catch {
    write("bench: \(error)", to: .standardError)
    exit(2)
}
