import Platform
import Testing
import Text

@testable import weir

/// Keeps what is written; fails where it is told to.
private final class MemoryOutput: TextOutput {
    var text = ""
    var failure: Errno?
    var terminalWidth: Int?

    init(width: Int? = nil) { terminalWidth = width }

    /// Whoever reads it is asleep.
    var isFull = false

    func write(_ text: String) throws(Errno) {
        if let failure { throw failure }
        self.text += text
    }

    func offer(_ text: String) throws(Errno) -> Bool {
        if !isFull { try write(text) }
        return !isFull
    }
}

@Suite struct ConsoleTests {
    private let output = MemoryOutput()
    private let errors = MemoryOutput()

    private func console(_ variables: [String: String] = [:]) -> Console {
        Console(
            output: output, errors: errors,
            clock: { Timestamp(nanoseconds: 1_763_953_200_000_000_001) },
            variable: { variables[$0] })
    }

    private func configured(_ words: [String]) throws -> Console {
        let console = console()
        try console.configure(try ArgumentParser.parse(words, for: VersionCommand.specification))
        return console
    }

    @Test func `the log is lines for people, or objects for machines`() throws {
        console().log(.info, "opened", "connection 3 opened") { $0.member("connection", 3) }
        console().log(.warning, "tls", "connection 3 is TLS")
        #expect(errors.text == "weir: connection 3 opened\nweir: warning: connection 3 is TLS\n")
        errors.text = ""
        let machine = try configured(["--log-format", "json"])
        machine.log(.info, "opened", "connection 3 opened") { $0.member("connection", 3) }
        let line = errors.text.dropLast()
        #expect(try JSONReader.read(String(line)).object?.keys.last == "connection")
        #expect(
            line == #"{"type":"opened","time":"2025-11-24T03:00:00.000000001Z","level":"info","#
                + #""message":"connection 3 opened","connection":3}"#)
        #expect(output.text == "")
    }

    @Test func `a quiet log has warnings and no progress`() throws {
        let console = try configured(["--quiet"])
        console.log(.info, "opened", "connection 3 opened")
        console.log(.error, "failure", "it broke")
        console.showProgress("replay", done: 1, of: 2, note: "", at: MonotonicTime(nanoseconds: 0))
        #expect(errors.text == "weir: error: it broke\n")
    }

    @Test func `a closed output is quiet success, a full disk is not`() throws {
        output.failure = .brokenPipe
        #expect(throws: Failure.outputClosed) { try console().write("x") }
        #expect(Program.run(["version"], console()) == .done)
        #expect(errors.text == "")
        output.failure = .noSpace
        #expect(Program.run(["version"], console()) == .unwritable)
        #expect(errors.text.hasPrefix("weir: error: standard output cannot be written"))
    }

    @Test func `a log that nobody reads stops nothing`() throws {
        errors.failure = .brokenPipe
        console().log(.info, "opened", "connection 3 opened")
        #expect(Program.run(["version"], console()) == .done)
    }

    @Test func `a live log waits for nobody, and says how many lines were left out`() {
        let console = console()
        console.isLive = true
        errors.isFull = true
        for number in 1...3 { console.log(.info, "opened", "connection \(number) opened") }
        #expect(errors.text == "")
        errors.isFull = false
        console.log(.info, "opened", "connection 4 opened")
        console.log(.info, "opened", "connection 5 opened")
        #expect(
            errors.text
                == "weir: warning: 3 lines of the log were left out, because nobody took them\n"
                + "weir: connection 4 opened\nweir: connection 5 opened\n")
    }

    @Test func `a file's name cannot act on the terminal, or make a second line`() {
        console().log(.error, "failure", "cannot open a\u{1b}[31m\nb\u{9b}é: no such file")
        #expect(
            errors.text
                == #"weir: error: cannot open a\x1b[31m\nb\xc2\x9bé: no such file"# + "\n")
    }

    @Test func `colours are for terminals, unless NO_COLOR is set`() {
        #expect(console().styled("x", .red) == "x")
        output.terminalWidth = 80
        #expect(console().styled("x", .red) == "\u{1b}[31mx\u{1b}[0m")
        #expect(console(["NO_COLOR": ""]).styled("x", .red) == "\u{1b}[31mx\u{1b}[0m")
        #expect(console(["NO_COLOR": "1"]).styled("x", .red) == "x")
        #expect(console(["TERM": "dumb"]).styled("x", .red) == "x")
    }

    @Test func `a line of the log takes the bar's place, and the bar comes back`() {
        errors.terminalWidth = 38
        let console = console()
        console.showProgress(
            "go", done: 1, of: 4, note: "1 of 4", at: MonotonicTime(nanoseconds: 0))
        console.log(.info, "opened", "connection 3 opened")
        console.showProgress(
            "go", done: 2, of: 4, note: "2 of 4", at: MonotonicTime(nanoseconds: 1))
        console.endProgress()
        #expect(
            errors.text == "\r\u{1b}[Kgo  [#####···············]  25%  1 of"
                + "\r\u{1b}[Kweir: connection 3 opened\n"
                + "\r\u{1b}[Kgo  [##########··········]  50%  2 of\r\u{1b}[K")
    }
}

@Suite struct ProgressBarTests {
    private let second: Int64 = 1_000_000_000

    @Test func `on a terminal it is drawn ten times a second`() {
        var bar = ProgressBar(title: "replay")
        var drawn = 0
        for tick in 0..<100 {
            let text = bar.update(
                done: UInt64(tick), of: 100, note: "", width: 80, at: Int64(tick) * second / 50)
            if text != nil { drawn += 1 }
        }
        #expect(drawn == 20)
    }

    @Test func `elsewhere it is a line each five seconds, and nothing for a short run`() {
        var bar = ProgressBar(title: "replay")
        let lines = (0..<12).map { tick in
            bar.update(
                done: UInt64(tick), of: 12, note: "\(tick) of 12", width: nil,
                at: Int64(tick) * second)
        }
        #expect(lines.compactMap(\.self) == ["replay: 41%  5 of 12\n", "replay: 83%  10 of 12\n"])
        #expect(lines[5] != nil)
        #expect(bar.erase() == nil)
    }

    @Test func `without an end there is no bar, and more than all is all`() {
        var open = ProgressBar(title: "record")
        let text = open.update(done: 7, of: nil, note: "7 messages", width: 80, at: 0)
        #expect(text == "\r\u{1b}[Krecord  7 messages")
        var full = ProgressBar(title: "x")
        #expect(full.update(done: 9, of: 4, note: "", width: 80, at: 0)?.contains("100%") == true)
        var empty = ProgressBar(title: "x")
        #expect(empty.update(done: 0, of: 0, note: "", width: 80, at: 0)?.contains(" 0%") == true)
    }
}
