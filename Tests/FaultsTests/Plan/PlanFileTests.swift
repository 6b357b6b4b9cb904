import Recordings
import Testing

@testable import Faults

@Suite struct PlanFileTests {
    private func read(_ text: String) throws -> Plan {
        try PlanFile.read(Array(text.utf8), file: "plan.json")
    }

    private let design = """
        { "version": 1, "seed": 7, "protocol": "redis", "rules": [
          { "name": "redelivery", "fault": "duplicate", "chance": "1%", "direction": "upstream",
            "copies": 1, "after": "50ms" },
          { "fault": "latency", "direction": "upstream", "latency": "20ms", "jitter": "5ms" } ] }
        """

    @Test func `the design's example is read`() throws {
        let plan = try read(design)
        #expect(plan.seed == 7)
        #expect(plan.framing?.description == "redis")
        #expect(plan.rules.map(\.name) == ["redelivery", "latency"])
        let duplicate = try #require(plan.rules[0].fault as? Duplicate)
        #expect(duplicate.copies == 1 && duplicate.after.description == "50ms")
        #expect(plan.rules[0].target.chance.description == "1%")
        let latency = try #require(plan.rules[1].fault as? Latency)
        #expect(latency == Latency(latencyNanoseconds: 20_000_000, jitterNanoseconds: 5_000_000))
    }

    @Test func `what is written reads back equal, names and seed too`() throws {
        let text = PlanFile.write(try read(design))
        #expect(
            text == """
                {
                  "version": 1,
                  "seed": 7,
                  "protocol": "redis",
                  "rules": [
                    {
                      "name": "redelivery",
                      "fault": "duplicate",
                      "chance": "1%",
                      "direction": "upstream",
                      "copies": 1,
                      "after": "50ms",
                      "on": "same"
                    },
                    {
                      "name": "latency",
                      "fault": "latency",
                      "direction": "upstream",
                      "latency": "20ms",
                      "jitter": "5ms",
                      "distribution": "uniform"
                    }
                  ]
                }

                """)
        #expect(try read(text) == (try read(design)))
    }

    @Test(arguments: [
        "latency latency=1ms jitter=2us distribution=normal messages=3- window=1s-",
        "delay by=1h chance=1/3 times=5 connections=1,4-6", #"drop contains="a \"b\" \x00\n""#,
        "duplicate name=a.b-c_2 copies=1000 after=24h state=include units=chunks",
        "drop burst=gemodel(1%,30%,90%,1/1000)", "drop chance=5% correlation=25%",
        #"truncate at=1/3 how=fin match="/a \"b/""#, "reset at=1KiB", "limit_data at=0B",
        #"drop route=orders"#, #"latency latency=1ms route="the \"other\" one" connections=2-"#,
        "timeout timeout=2s at=5B", "stall for=2s", "stall", "corrupt bits=64 at=1B", "refuse",
        "reorder depth=100 force=yes window=1s-2s direction=downstream",
        "disconnect where=after how=half-close then=stop wait=0ms resend=last:3",
    ])
    func `every setting survives the file and the command line`(text: String) throws {
        let rule = try FaultText.rule(text)
        var plan = Plan(seed: .max, framing: try FramingChoice(parsing: "line:pairing=none"))
        try plan.add(rule)
        #expect(try read(PlanFile.write(plan)) == plan)
        #expect(try FaultText.rule(FaultText.text(rule)) == rule)
    }

    /// What stands in `rules`.
    private func rules(_ text: String) -> String {
        "{\"version\": 1, \"rules\": [\n\(text)\n]}"
    }

    @Test func `a mistake in a plan is said with its place`() throws {
        let inputs = [
            "", "[]", #"{"version": 1}"#, #"{"version": 2, "rules": []}"#,
            #"{"version": 1, "seeds": 1, "rules": []}"#,
            "{\"version\": 1,\n\"seed\": 1, \"seed\": 2, \"rules\": []}",
            #"{"version": 1, "seed": "7", "rules": []}"#,
            #"{"version": 1, "protocol": "reddis", "rules": []}"#,
            rules("{}"), rules("7"), rules(#"{"fault": "latncy"}"#),
            rules(#"{"fault": "bandwidth"}"#), rules(#"{"fault": "bandwith"}"#),
            rules("{\"fault\": \"latency\",\n\"latency\": \"20\"}"),
            rules(#"{"fault": "latency", "latency": 20}"#), rules(#"{"fault": "latency"}"#),
            rules(#"{"fault": "duplicate", "copies": "2"}"#),
            rules(#"{"fault": "duplicate", "copies": 0}"#),
            rules(#"{"fault": "duplicate", "copies": 1.5}"#),
            rules(#"{"fault": "duplicate", "chance": true}"#),
            rules(#"{"fault": "drop"}, {"fault": "drop"}"#),
            rules(
                #"{"fault": "drop", "name": "x"},"# + "\n"
                    + #"{"fault": "reorder", "name": "x"}"#),
            rules(#"{"fault": "drop", "name": "a@b"}"#),
        ]
        try Golden.expect(
            Golden.mistakes(inputs) { _ = try read($0) }, equals: "plan-mistakes.txt")
    }

    @Test func `at most 64 rules are taken`() throws {
        var plan = Plan()
        for index in 0..<Plan.maximumRules { try plan.add(Rule(Drop(), name: "r\(index)")) }
        #expect(throws: PlanProblem.tooManyRules) { try plan.add(Rule(Drop())) }
    }

    @Test func `a key is a target's or a kind's, never both`() {
        let shared = Set(Target.settings.map(\.key) + ["name", "fault"])
        func check<Kind: Fault>(_ kind: Kind.Type) {
            let keys = Kind.settings.map(\.key)
            #expect(Set(keys).count == keys.count)
            // What only strikes take does not mean anything else to a condition.
            let own = kind is any ConditionFault.Type ? Target.strikesOnly : []
            #expect(shared.subtracting(own).isDisjoint(with: keys + Kind.later))
        }
        for kind in FaultKinds.all { check(kind) }
        #expect(
            Set(FaultKinds.all.map { $0.name }).count == FaultKinds.all.count)
    }
}
