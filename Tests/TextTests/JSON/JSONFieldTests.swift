import Testing
import Text

/// A rule as a plan might have it.
private struct Rule {
    var fault: String
    var latency: TimeAmount?
    var times: UInt64?

    init(_ field: JSONField) throws(DocumentError) {
        var fields = try field.object()
        fault = try fields.require("fault").name(among: ["latency", "drop"], noun: "fault")
        latency = try fields.take("latency")?.quantity()
        times = try fields.take("times")?.count(in: 1...9)
        try fields.finish(proposing: ["name"])
    }
}

@Suite struct JSONFieldTests {
    @Test func `what is known is read`() throws {
        let rules = try read(
            #"{"rules":[{"fault":"drop","times":3},{"latency":"5ms","fault":"latency"}]}"#)
        #expect(rules.map(\.fault) == ["drop", "latency"])
        #expect(rules[0].times == 3)
        #expect(rules[1].latency?.description == "5ms")
    }

    @Test(arguments: [
        (
            "{\"rules\": [\n {\"fault\":\"drop\"},\n {\"fault\":\"latency\",\n  \"latency\": 20}]}",
            "plan.json:4: rules[1].latency: \"20\" has no unit; write \"20ms\""
        ),
        (
            #"{"rules":[{"fault":"latncy"}]}"#,
            #"plan.json:1: rules[0].fault: no fault is named "latncy"; did you mean "latency"?"#
        ),
        (
            #"{"rules":[{"fault":"banana"}]}"#,
            #"plan.json:1: rules[0].fault: no fault is named "banana"; write one of latency, drop"#
        ),
        (
            "{\"rules\":[{\"fault\":\"drop\",\n\"latncy\":1}]}",
            #"plan.json:2: rules[0].latncy: this name is not known here; did you mean "latency"?"#
        ),
        (
            #"{"rules":[{"fault":"drop","nam":1}]}"#,
            #"plan.json:1: rules[0].nam: this name is not known here; did you mean "name"?"#
        ),
        (
            #"{"rules":[{"falt":"drop"}]}"#,
            #"plan.json:1: rules[0].falt: this name is not known here; did you mean "fault"?"#
        ),
        (#"{"rules":[{}]}"#, #"plan.json:1: rules[0]: "fault" is missing; add it"#),
        (
            #"{"rules":[{"fault":"drop","times":0}]}"#,
            "plan.json:1: rules[0].times: 0 is out of range; write a whole number from 1 to 9"
        ),
        (
            #"{"rules":[{"fault":"drop","times":"1"}]}"#,
            "plan.json:1: rules[0].times: a string stands here; write a whole number"
        ),
        (#"{"rules":{}}"#, "plan.json:1: rules: an object stands here; write a list"),
        ("[]", "plan.json:1: a list stands here; write an object"),
        ("{\n]", "plan.json:2:1: \"]\" stands where a name in double quotes belongs"),
        (
            #"{"rules":[], "b\n":1}"#,
            #"plan.json:1: ["b\n"]: this name is not known here; "#
                + "leave it out, or write one of rules"
        ),
    ])
    func `what is wrong is said with file, line and path`(text: String, message: String) {
        do throws(DocumentError) {
            _ = try read(text)
            Issue.record("no error: \(text)")
        } catch {
            #expect(error.description == message)
        }
    }

    private func read(_ text: String) throws(DocumentError) -> [Rule] {
        let field = try JSONField(reading: Array(text.utf8), file: "plan.json")
        var fields = try field.object()
        var rules: [Rule] = []
        for element in try fields.require("rules").elements() { rules.append(try Rule(element)) }
        try fields.finish()
        return rules
    }
}
