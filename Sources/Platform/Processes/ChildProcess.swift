import CLinux
import Glibc

/// A program that was started here, its output as events of the loop.
///
/// It has a process group of its own: what is typed at the terminal does not reach it, and `signal`
/// reaches what it started too.
package final class ChildProcess {
    /// The most bytes that one call of `wrote` hands over.
    package static let chunkBytes = 64 << 10
    /// After so many bytes in one turn the others have theirs: a process that floods its output
    /// holds up neither deadlines nor signals.
    package static let bytesPerTurn = 128 << 10

    package enum Output: Sendable { case output, error }

    /// How a process ended.
    package enum Ending: Hashable, Sendable {
        /// With this exit code.
        case exited(Int32)
        /// By this signal.
        case killed(Int32)
    }

    /// The kernel's number of it.
    package let id: Int32

    /// Whether what it started, and what stayed in its group, is killed when it ends by itself too.
    package var takesItsGroupAlong = false

    /// How it ended; nil while it runs.
    package private(set) var ending: Ending?

    private weak var handler: (any ChildProcessHandler)?
    private let network: SystemNetwork
    private var output: ChildPipe?
    private var error: ChildPipe?
    private var exit: ChildExit?
    private var watch: GroupWatch?

    /// Starts a program, which is found by `PATH`.
    ///
    /// - Parameters:
    ///   - arguments: the program and its arguments: at least one.
    ///   - handler: is not kept alive.
    ///   - environment: variables beside this process's own, or instead of them.
    package convenience init(
        _ arguments: [String], environment: [(name: String, value: String)] = [],
        network: SystemNetwork, handler: any ChildProcessHandler
    ) throws(Errno) {
        let variables = Self.variables(replacedBy: environment)
        let output = try Pipe()
        let error = try Pipe()
        var id: pid_t = 0
        try Errno.check(
            withStrings(arguments) { arguments in
                withStrings(variables) { variables in
                    weir_spawn(arguments, variables, output.writing.raw, error.writing.raw, &id)
                }
            })
        try self.init(id: id, output, error, network: network, handler: handler)
    }

    /// Starts a command line of the shell.
    package convenience init(
        shell command: String, environment: [(name: String, value: String)] = [],
        network: SystemNetwork, handler: any ChildProcessHandler
    ) throws(Errno) {
        try self.init(
            ["/bin/sh", "-c", command], environment: environment, network: network,
            handler: handler)
    }

    private init(
        id: Int32, _ output: consuming Pipe, _ error: consuming Pipe, network: SystemNetwork,
        handler: any ChildProcessHandler
    ) throws(Errno) {
        self.id = id
        self.network = network
        self.handler = handler
        do throws(Errno) {
            let poller = network.poller
            self.output = try ChildPipe(output.takeReading(), .output, of: self, poller)
            self.error = try ChildPipe(error.takeReading(), .error, of: self, poller)
            exit = try ChildExit(of: self, poller)
        } catch {
            // Without descriptors it could neither be heard nor be taken away.
            _ = weir_kill(-id, SIGKILL)
            var ignored: (Int32, Int32) = (0, 0)
            while weir_reap(id, &ignored.0, &ignored.1) == 0 { sched_yield() }
            throw error
        }
    }

    /// Has it and what it started killed when this process is gone, however it went.
    package func tieToThisProcess() throws(Errno) {
        guard ending == nil, watch == nil else { return }
        watch = try GroupWatch(of: id)
    }

    /// Sends a signal to it and to what it started, while it runs.
    package func signal(_ signal: Signal) { send(signal.rawValue) }

    /// Ends it and what it started at once (SIGKILL). Its ending is told as usual.
    package func kill() { send(SIGKILL) }

    /// Kills it if it runs, and tells no more of it.
    package func abandon() {
        kill()
        handler = nil
        output?.close()
        error?.close()
    }

    private func send(_ signal: Int32) {
        // Its number is its own until it has been taken away.
        if ending == nil { _ = weir_kill(-id, signal) }
    }

    fileprivate func read(_ bytes: UnsafeRawBufferPointer, _ output: Output) {
        handler?.wrote(self, bytes, to: output)
    }

    fileprivate func goOnNextTurn(_ pipe: ChildPipe) { network.callNextTurn(pipe) }

    fileprivate func hasExited() {
        var code: Int32 = 0
        var signal: Int32 = 0
        guard ending == nil else { return }
        // Before it is taken away: until then its number cannot be another group's.
        if takesItsGroupAlong { _ = weir_kill(-id, SIGKILL) }
        watch = nil
        guard weir_reap(id, &code, &signal) != 0 else { return }
        // What it wrote before it ended comes before its ending.
        output?.readAll()
        error?.readAll()
        ending = signal == 0 ? .exited(code) : .killed(signal)
        exit?.close()
        handler?.exited(self, signal == 0 ? .exited(code) : .killed(signal))
    }

    private static func variables(
        replacedBy changes: [(name: String, value: String)]
    ) -> [String] {
        var variables: [String] = []
        var next = weir_environment()
        while let variable = next.pointee {
            let text = String(cString: variable)
            let name = text.prefix { $0 != "=" }
            if !changes.contains(where: { $0.name == name }) { variables.append(text) }
            next += 1
        }
        return variables + changes.map { "\($0.name)=\($0.value)" }
    }
}

package protocol ChildProcessHandler: AnyObject {
    /// The process, or one that it started, wrote these bytes, which stay for the call.
    func wrote(
        _ process: ChildProcess, _ bytes: UnsafeRawBufferPointer, to output: ChildProcess.Output)

    /// It ended. What others hold open of its output may still bring bytes.
    func exited(_ process: ChildProcess, _ ending: ChildProcess.Ending)
}

/// A pipe's two ends.
private struct Pipe: ~Copyable {
    private var reading: FileDescriptor?
    let writing: FileDescriptor

    init() throws(Errno) {
        var ends: (reading: Int32, writing: Int32) = (-1, -1)
        try Errno.check(weir_pipe(&ends.reading, &ends.writing))
        reading = FileDescriptor(owning: ends.reading)
        writing = FileDescriptor(owning: ends.writing)
    }

    /// The end to read; the other is closed when the pipe goes.
    mutating func takeReading() -> FileDescriptor {
        guard let taken = reading.take() else { preconditionFailure("a pipe has one reader") }
        return taken
    }
}

/// One of the two outputs.
private final class ChildPipe: Pollable, TurnHandler {
    private var descriptor: FileDescriptor
    private let output: ChildProcess.Output
    private let poller: Poller
    private weak var process: ChildProcess?
    private var awaitsTurn = false

    init(
        _ descriptor: consuming FileDescriptor, _ output: ChildProcess.Output,
        of process: ChildProcess, _ poller: Poller
    ) throws(Errno) {
        self.descriptor = descriptor
        self.output = output
        self.process = process
        self.poller = poller
        try poller.add(self.descriptor.raw, self, for: Poller.Flags.readable)
    }

    deinit { close() }

    func polled(_ events: UInt32) {
        // Once a turn: else each time that more is told of would add a share to all turns to come.
        if !awaitsTurn { readAll() }
    }

    func nextTurn() {
        awaitsTurn = false
        readAll()
    }

    /// Reads what there is, up to a turn's share.
    func readAll() {
        var total = 0
        withUnsafeTemporaryAllocation(byteCount: ChildProcess.chunkBytes, alignment: 16) { buffer in
            guard let start = buffer.baseAddress else { return }
            while descriptor.isOpen {
                guard let process else { return close() }
                guard total < ChildProcess.bytesPerTurn else { return goOnNextTurn(process) }
                let count = weir_read(descriptor.raw, start, buffer.count)
                if count == -Int(EAGAIN) { return }
                guard count > 0 else { return close() }
                total += count
                process.read(UnsafeRawBufferPointer(start: start, count: count), output)
            }
        }
    }

    private func goOnNextTurn(_ process: ChildProcess) {
        guard !awaitsTurn else { return }
        awaitsTurn = true
        process.goOnNextTurn(self)
    }

    func close() {
        guard descriptor.isOpen else { return }
        poller.remove(descriptor.raw)
        descriptor.close()
    }
}

/// Hears of the end, and keeps the process until then, so that it is taken away.
private final class ChildExit: Pollable {
    private var descriptor: FileDescriptor
    private let poller: Poller
    private var process: ChildProcess?

    init(of process: ChildProcess, _ poller: Poller) throws(Errno) {
        descriptor = try FileDescriptor(result: weir_process_descriptor(process.id))
        self.process = process
        self.poller = poller
        try poller.add(descriptor.raw, self, for: Poller.Flags.readable)
    }

    func polled(_ events: UInt32) { process?.hasExited() }

    func close() {
        poller.remove(descriptor.raw)
        descriptor.close()
        process = nil
    }
}

/// Calls `body` with strings as C takes a list of them, ended by a null pointer.
private func withStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
    var pointers: [UnsafePointer<CChar>?] = strings.map { UnsafePointer(strdup($0)) }
    defer { for pointer in pointers { free(UnsafeMutablePointer(mutating: pointer)) } }
    pointers.append(nil)
    return pointers.withUnsafeBufferPointer { buffer in
        guard let start = buffer.baseAddress else { preconditionFailure("an empty list") }
        return body(start)
    }
}
