import Text

/// The command line that does a run again: without its folder, and with its seed.
enum RepeatedCommand {
    /// - Parameter schedule: where the schedule is kept: for what was read from standard input.
    static func line(
        _ arguments: Arguments, _ faults: FaultOptions, seed: UInt64, schedule: String
    ) -> String {
        let end = arguments.words.firstIndex(of: "--") ?? arguments.words.endIndex
        let all = arguments.words[..<end]
        var words: [String] = []
        var isReadFromInput = false
        var skipsNext = false
        for (index, word) in all.enumerated() {
            if skipsNext {
                skipsNext = false
                continue
            }
            let name = word.split(separator: "=").first.map(String.init) ?? word
            switch name {
            case "--run": skipsNext = word == name
            case "--force": continue
            case "--plan", "--schedule":
                let value = word == name ? all[min(index + 1, all.count - 1)] : word
                guard value == "-" || value.hasSuffix("=-") else {
                    words.append(word)
                    continue
                }
                isReadFromInput = true
                skipsNext = word == name
            default: words.append(word)
            }
        }
        if isReadFromInput {
            // What was read from standard input is kept there, worked out.
            words = words.filter { !$0.hasPrefix("--seed") } + ["--schedule", schedule]
        } else if !arguments.isGiven(FaultOptions.seed.definition), faults.scheduleFile == nil {
            words += ["--seed", "\(seed)"]
        }
        return (["weir", arguments.verb] + words + arguments.words[end...]).map(shellQuoted)
            .joined(separator: " ")
    }
}
