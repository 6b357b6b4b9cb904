import Faults
import Text

extension Fuzzer {
    /// Plans and rules that were bent: read or refused, and what is read survives being written.
    static let plan = Fuzzer(
        name: "plan", summary: "plans and rules: refused with a place, or read and written back",
        smokeRounds: 3_000
    ) { dice throws(FuzzFailure) in
        let words = (0..<dice.below(8)).map { _ in dice.pick(settings) }
        let text = FuzzText.bent(([dice.pick(faults)] + words).joined(separator: " "), &dice)
        var rule: Rule?
        do throws(FaultTextError) {
            rule = try FaultText.rule(text)
        } catch {
            try FuzzText.check(error.description)
        }
        if let rule { try checkRule(rule) }
        let file = FuzzText.bent(dice.pick(plans), &dice)
        var plan: Plan?
        do throws(DocumentError) {
            plan = try PlanFile.read(Array(file.utf8), file: "plan.json")
        } catch {
            try FuzzText.check(error.description)
        }
        if let plan { try checkPlan(plan) }
    }

    private static let faults = [
        "latency latency=20ms", "delay by=1s", "drop", "disconnect", "duplicate", "reorder",
    ]

    private static let settings = [
        "chance=1%", "chance=1/3", "times=3", "direction=upstream", "connections=1,4-6",
        "messages=10-", #"contains="a b\x00""#, "window=1s-2s", "state=include", "units=chunks",
        "copies=3", "after=5ms", "depth=7", "where=after", "how=fin", "then=stop", "wait=1ms",
        "resend=last:3", "jitter=3ms", "distribution=normal", "name=a",
    ]

    private static let plans = [
        #"{"version": 1, "seed": 7, "protocol": "redis", "rules": ["#
            + #"{"fault": "duplicate", "chance": "1%", "copies": 2}, {"fault": "drop"}]}"#,
        #"{"version": 1, "rules": [{"name": "a", "fault": "latency", "latency": "1ms"},"#
            + #"{"fault": "disconnect", "resend": "last:2", "contains": "\\x00\"", "times": 1}]}"#,
    ]

    private static func checkRule(_ rule: Rule) throws(FuzzFailure) {
        guard (try? FaultText.rule(FaultText.text(rule))) == rule else {
            throw FuzzFailure("\(FaultText.text(rule)) does not read back as it was")
        }
        var plan = Plan()
        guard (try? plan.add(rule)) != nil else { throw FuzzFailure("no room for one rule") }
        try checkPlan(plan)
    }

    private static func checkPlan(_ plan: Plan) throws(FuzzFailure) {
        let text = PlanFile.write(plan)
        guard (try? PlanFile.read(Array(text.utf8), file: "")) == plan else {
            throw FuzzFailure("\(text) does not read back as it was")
        }
    }
}

/// Text that is almost right.
enum FuzzText {
    /// A few bytes changed, left out or put in; always UTF-8.
    static func bent(_ text: String, _ dice: inout FuzzDice) -> String {
        var bytes = Array(text.utf8)
        for _ in 0..<dice.below(4) {
            let place = dice.below(bytes.count + 1)
            switch dice.below(3) {
            case 0 where place < bytes.count: bytes[place] = dice.byte()
            case 1 where place < bytes.count: bytes.remove(at: place)
            default: bytes.insert(dice.pick(Array(#""'\{}[]:,=- 09%"#.utf8)), at: place)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// An error is one line of text that a terminal shows as it is.
    static func check(_ message: String) throws(FuzzFailure) {
        let isPlain = message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7f }
        guard isPlain, !message.isEmpty else {
            throw FuzzFailure("an error is not a line: \(EscapedText(message))")
        }
    }
}
