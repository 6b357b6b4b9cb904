import Testing

@testable import Faults

@Suite struct FaultTextTests {
    private func short(_ option: String, _ text: String) throws -> Rule {
        let form = try #require(FaultText.shortForms.first { $0.option == option })
        return try FaultText.rule(short: form, text)
    }

    @Test(arguments: [
        ("latency", "20ms", "latency latency=20ms"),
        ("jitter", "20ms", "latency name=jitter latency=10ms jitter=10ms"),
        ("duplicate", "1%", "duplicate chance=1%"), ("reorder", "5%", "reorder chance=5%"),
        ("drop", "1/3", "drop chance=1/3"), ("disconnect", "0.5%", "disconnect chance=0.5%"),
        ("bandwidth", "100KB/s", "bandwidth rate=100KB/s"),
    ])
    func `a short form is a rule`(option: String, text: String, rule: String) throws {
        #expect(try short(option, text) == (try FaultText.rule(rule)))
    }

    @Test func `jitter holds each message from nothing to all of it`() throws {
        let latency = try #require(try short("jitter", "4ns").fault as? Latency)
        let holds = Set((0..<1_000).map { latency.hold(Dice(seed: 7).at($0)) })
        #expect(holds.sorted() == [0, 1, 2, 3, 4])
    }

    @Test(arguments: [
        ("jitter", "20", #""20" has no unit; write "20ms""#),
        ("duplicate", "1", #""1" has no unit; write "1%""#),
        ("drop", "101%", #""101%" is more than 100%; write at most "100%""#),
        ("latency", "25h", #""25h" is too much; write at most "24h""#),
    ])
    func `a mistake in a short form is said`(option: String, text: String, message: String) {
        #expect { try short(option, text) } throws: { "\($0)" == message }
    }

    @Test func `words are separated by spaces, values with spaces are quoted`() throws {
        let rule = try FaultText.rule(#"  drop   contains="SET a"  name='x'  "#)
        #expect(rule.name == "x")
        #expect(rule.target.contains?.bytes == Array("SET a".utf8))
    }

    @Test func `a mistake in a rule is said with its place`() throws {
        let inputs = [
            "", "dup", "duplicat", "truncat", "slicr", "duplicate chance", "duplicate =1",
            "duplicate chance=1% chance=2%", "duplicate fault=drop", "duplicate chance=1",
            "duplicate copis=1", "duplicate on=new", "drop match=a", "drop match=/(/",
            "reorder force=perhaps", "reorder across=connections",
            "reorder depth=101", "latency latency=1ms distribution=pareto",
            "latency latency=1ms distribution=unform", "latency latency=1ms correlation=10",
            "latency latency=1ms times=3", "delay", "delay by=25h", "drop messages=0-",
            "drop messages=9-3", "drop connections=5000000000", "drop times=0",
            "drop direction=up", "drop contains=", #"drop contains=\q"#, "drop window=10s",
            "drop window=20s-10s", "drop window=1-2s", "drop state=all", "drop units=bytes",
            "drop name=", "drop 'name=a", "disconnect where=between", "disconnect how=reset",
            "disconnect resend=last:0", "disconnect resend=all", "disconnect wait=5",
            "limit_data", "limit_data at=5", "stall for=5", "stall for=25h", "truncate at=101%",
            "truncate how=half-close", "timeout", "bandwidth rate=0B/s", "bandwidth rate=5",
            "slicer size=0B",
            "drop burst=gemodel(1%)", "drop burst=gemodel(1%,30%) chance=1%", "drop burst=1%",
            "drop burst=gemodel(1%,200%)", "drop correlation=20%", "corrupt bits=0",
            "latency latency=1ms match=/a/",
        ]
        try Golden.expect(
            Golden.mistakes(inputs) { _ = try FaultText.rule($0) }, equals: "fault-mistakes.txt")
    }
}
