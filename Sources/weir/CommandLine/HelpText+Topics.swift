import Engine
import Faults
import Text

/// The topics, drawn from the definitions.
extension HelpText {
    /// What `weir help TOPIC` prints.
    func topic(_ topic: HelpTopic) -> String {
        switch topic {
        case .faults: faults
        case .plans: plans
        case .config: config
        case .pacing: pacing
        case .exitCodes: exitCodes
        }
    }

    private var faults: String {
        var lines = wrapped(
            "A rule is a fault, where it applies and how often: --fault 'duplicate chance=1%"
                + " messages=10-'. A value with spaces stands in quotes. Plan files have the same"
                + " words as keys.", indent: 0)
        lines += ["", "Short forms:"]
        lines += entries(
            FaultText.shortForms.map { ("  --\($0.option) \($0.placeholder)", $0.meaning) })
        lines += ["", "Where and how often, for every fault:"]
        lines += entries(Target.settings.map { ("  \($0.key)=\($0.form)", $0.meaning) })
        for (title, kinds) in Self.groups {
            lines += ["", title]
            lines += entries(kinds.flatMap { fault($0) })
        }
        lines += [""]
        let received = FaultKinds.strikes.filter { $0.strikesReceived }.map { $0.name }
        lines += wrapped(
            "In a replay, a rule with direction=downstream is about what Weir receives:"
                + " \((["slow_reader"] + received).joined(separator: ", ")), and no other fault."
                + " Where the protocol is none there are no messages: conditions, refuse, and what"
                + " is set at a byte with at= do without.", indent: 0)
        lines += [""]
        lines += wrapped(
            "transport: any network can do it. delivery: brokers, retries and proxies do it."
                + " violation: no correct peer does it.", indent: 0)
        return lines.map { $0 + "\n" }.joined()
    }

    private static let groups: [(String, [any Fault.Type])] = [
        ("Conditions, over stretches of bytes:", FaultKinds.conditions),
        ("Strikes, at one message each:", FaultKinds.strikes),
    ]

    private func fault<Kind: Fault>(_ kind: Kind.Type) -> [(title: String, help: String)] {
        let settings = kind.settings.map { setting in
            let mark =
                setting.isRequired
                ? " [required]"
                : setting.defaultText(in: kind.init()).map { " [default: \($0)]" } ?? ""
            return (title: "    \(setting.key)=\(setting.form)", help: setting.meaning + mark)
        }
        return [(title: "  " + kind.name, help: "\(kind.summary) (\(kind.label.rawValue))")]
            + settings
    }

    private var plans: String {
        var lines = wrapped(
            "A plan is rules, and a seed that says which messages they strike: good for any"
                + " recording. --plan reads it as JSON:", indent: 0)
        lines += [""]
        lines += Self.examplePlan.split(separator: "\n").map { "  " + $0 }
        lines += [""]
        lines += wrapped(
            "seed and protocol may be left out; --seed and --protocol overrule them. A rule is"
                + " named after its fault, unless it has a name; its rolls depend on its name, so"
                + " that other rules may come and go. Keys and values are those of --fault: weir"
                + " help faults. Ranges are inclusive, numbering begins with 1.", indent: 0)
        lines += [""]
        lines += wrapped(
            "weir plan shows what a plan strikes in a recording; with --output it saves the"
                + " schedule, which weir replay --schedule repeats to the letter.", indent: 0)
        return lines.map { $0 + "\n" }.joined()
    }

    private var config: String {
        var lines = wrapped(
            "Several routes, with what is to go wrong on them, stand in one file for --config. weir"
                + " record, weir proxy and weir replay read it:", indent: 0)
        lines += [""]
        lines += ConfigFile.example.split(separator: "\n").map { "  " + $0 }
        lines += [""]
        lines += wrapped(
            "A route has a name, the address where clients connect (listen) and that of the server"
                + " (upstream); to is where weir replay takes it, and may be left out. All but the"
                + " routes may be left out: faults are rules as --fault has them, and route=NAME"
                + " in one limits it to a route; plan is the path of a plan file, whose rules stand"
                + " before them; protocol is as for --protocol; record is where weir record and"
                + " weir proxy record to. Paths begin where Weir is started.", indent: 0)
        lines += [""]
        lines += wrapped(
            "--seed, --protocol, --output and --record overrule it, and --fault and the short forms"
                + " stand behind its faults; --listen, --upstream, --route and --to exclude it."
                + " weir record lets everything pass as it came, whatever the faults; weir replay"
                + " records nothing to record, and keeps its run as always.", indent: 0)
        return lines.map { $0 + "\n" }.joined()
    }

    /// Read and written by the plan file itself, so that what is shown is what is understood.
    static var examplePlan: String {
        var plan = Plan()
        plan.seed = 7
        for text in [
            "latency latency=20ms jitter=5ms",
            "duplicate name=redelivery chance=1% direction=upstream after=50ms",
            "disconnect chance=1/500 messages=10- how=fin",
        ] {
            // The texts stand above; a test reads the example back.
            guard let rule = try? FaultText.rule(text) else { continue }
            try? plan.add(rule)
        }
        return PlanFile.write(plan)
    }

    private var pacing: String {
        var lines = ["--pacing PACING, for weir replay:"]
        lines += entries(
            Pacing.allCases.map { pacing in
                let mark = pacing == .hybrid ? " [default]" : ""
                return ("  \(pacing.rawValue)", pacing.summary + mark)
            })
        return lines.map { $0 + "\n" }.joined()
    }
}
