import Platform
import Testing

@Suite struct ChildProcessTests {
    private let network: SystemNetwork
    private let log = ChildLog()

    init() throws { network = try SystemNetwork() }

    @Test func `what a command writes comes before its ending`() throws {
        let child = try ChildProcess(
            shell: "echo out; echo err >&2; exit 3", network: network, handler: log)
        #expect(child.ending == nil)
        try network.run { log.ending != nil }
        #expect(log.output == "out\n")
        #expect(log.error == "err\n")
        #expect(log.ending == .exited(3))
        #expect(child.ending == .exited(3))
    }

    @Test func `a program is found by its name and is given variables`() throws {
        let child = try ChildProcess(
            ["sh", "-c", "echo \"$0 $1 $WEIR_TEST $HOME\"; cat", "a b", "*"],
            environment: [("WEIR_TEST", "here"), ("HOME", "there")], network: network,
            handler: log)
        try network.run { log.ending != nil }
        #expect(log.output == "a b * here there\n", "and there is nothing to read")
        #expect(child.ending == .exited(0))
    }

    @Test func `a program that does not exist is an error`() {
        #expect(throws: Errno.noEntry) {
            try ChildProcess(["weir-no-such-program"], network: network, handler: log)
        }
    }

    @Test func `a signal reaches what the process started too`() throws {
        // The shell waits for its child; both have the pipe open, and both must go.
        let child = try ChildProcess(
            shell: "sleep 1000 & echo started; wait", network: network, handler: log)
        try network.run { log.output == "started\n" }
        child.signal(.terminate)
        try network.run { log.ending != nil }
        #expect(log.ending == .killed(15))
        child.signal(.terminate)
        child.kill()
    }

    @Test func `a group that is taken along ends with the process that led it`() throws {
        // The shell ends at once; what it left behind holds the output open, and must go too.
        let child = try ChildProcess(
            shell:
                "(trap '' TERM; echo started; sleep 1000; echo survived) & read line < /dev/null",
            network: network, handler: log)
        child.takesItsGroupAlong = true
        try network.run { log.ending != nil }
        #expect(child.ending == .exited(1))
        let group = try ChildProcess(
            shell: "while kill -0 -\(child.id) 2>/dev/null; do sleep 0.01; done; echo gone",
            network: network, handler: log)
        try network.run { group.ending != nil }
        #expect(log.output.hasSuffix("gone\n"))
    }

    @Test func `more than a pipe holds comes in order`() throws {
        let child = try ChildProcess(
            shell: "seq 1 200000", network: network, handler: log)
        try network.run { log.ending != nil }
        #expect(child.ending == .exited(0))
        #expect(log.output == (1...200_000).map { "\($0)\n" }.joined())
    }

    @Test func `a child that floods its output leaves each turn to others`() throws {
        let child = try ChildProcess(
            shell: "head -c 4000000 /dev/zero", network: network, handler: log)
        var longest = 0
        try network.run {
            longest = max(longest, log.ofTurn)
            log.ofTurn = 0
            return log.ending != nil
        }
        #expect(child.ending == .exited(0))
        #expect(log.output.utf8.count == 4_000_000)
        // With what its end finds in the pipe.
        #expect(longest <= 2 * ChildProcess.bytesPerTurn, "\(longest) bytes in one turn")
    }

    @Test func `a child is as it would be without a loop around it`() throws {
        // What is ignored or blocked here is not there.
        try network.hear([.userOne], SignalLog())
        let child = try ChildProcess(
            shell: "kill -USR1 $$; echo not reached", network: network, handler: log)
        try network.run { log.ending != nil }
        #expect(child.ending == .killed(10))
        #expect(log.output == "")
    }

    @Test func `an abandoned child is killed and not heard of`() throws {
        let child = try ChildProcess(
            shell: "echo started; sleep 1000", network: network, handler: log)
        try network.run { log.output == "started\n" }
        child.abandon()
        try network.run { child.ending != nil }
        #expect(child.ending == .killed(9))
        #expect(log.ending == nil)
    }
}

@Suite struct MachineTests {
    @Test func `the machine says what it grants`() throws {
        #expect(Machine.processorCount >= 1)
        #expect(Machine.processorNanoseconds > 0)
        #expect(try Machine.raiseDescriptorLimit() >= 64)
        #expect(try Machine.randomSeed() != Machine.randomSeed())
        // The wall clock of a machine that never heard the time stands at 1970.
        #expect(WallClock.read() > 0)
    }
}

private final class ChildLog: ChildProcessHandler {
    var output = ""
    var error = ""
    var ending: ChildProcess.Ending?
    /// Bytes of one turn of the loop.
    var ofTurn = 0

    func wrote(
        _ process: ChildProcess, _ bytes: UnsafeRawBufferPointer, to output: ChildProcess.Output
    ) {
        ofTurn += bytes.count
        let text = String(decoding: bytes, as: UTF8.self)
        if output == .output { self.output += text } else { error += text }
    }

    func exited(_ process: ChildProcess, _ ending: ChildProcess.Ending) { self.ending = ending }
}
