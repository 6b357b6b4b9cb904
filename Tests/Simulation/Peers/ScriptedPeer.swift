import Platform

/// A client that follows a script, on a simulated or a real network:
///
///     let client = ScriptedClient(
///         on: network.outside, to: address, log: log,
///         [.send("PING\r\n"), .expect("+PONG\r\n"), .finish, .expectEnd, .close])
package typealias ScriptedClient = ScriptedPeer

/// One end of a connection that follows a script, or serves, on a simulated or a real network.
package final class ScriptedPeer: SocketHandler {
    /// How the peer at the other end ended the connection.
    package enum Ending: Equatable { case finished, failed(Errno), notDialled(Errno) }

    package let name: String

    /// All that was received, on all connections of this peer.
    package private(set) var received: [UInt8] = []
    package private(set) var ending: Ending?

    /// Why the script could not go on; nil as long as it can.
    package private(set) var failure: String?

    package private(set) var socket: (any Socket)?

    /// How many bytes one call to receive asks for.
    package var receiveBytes = 16_384
    package var pace = ReadingPace.atOnce

    private let network: any Network
    private let log: TimeDiagram
    private let dialledAddress: SocketAddress?
    private var steps: [ScriptStep]
    private var service: Service?
    private var stepsAtEnd: [ScriptStep] = []

    // The step at hand: how much of it was sent or has come, the timer it waits for.
    private var position = 0
    private var sentBytes = 0
    private var matchedBytes = 0
    private var timer: ScriptTimer?

    private var isAdvancing = false
    private var isConnected = false
    private var isStopped = false
    private var paceTimer: ScriptTimer?
    private var unexpected: [UInt8] = []
    private var line: [UInt8] = []

    /// A client: it dials at once and begins its script. `name` is what the log calls it.
    package init(
        _ name: String = "client", on network: any Network, to address: SocketAddress,
        log: TimeDiagram, _ steps: [ScriptStep]
    ) {
        self.name = name
        self.network = network
        self.log = log
        self.steps = steps
        dialledAddress = address
        dial(address)
    }

    /// A server's end of a connection.
    init(
        _ name: String, accepted socket: any Socket, on network: any Network, log: TimeDiagram,
        steps: [ScriptStep], service: Service?, stepsAtEnd: [ScriptStep]
    ) {
        self.name = name
        self.network = network
        self.log = log
        self.steps = steps
        self.service = service
        self.stepsAtEnd = stepsAtEnd
        self.socket = socket
        dialledAddress = nil
        isConnected = true
        socket.handler = self
        log.note(name, "accepts")
        advance()
    }

    /// All steps are done and none failed.
    package var isDone: Bool { failure == nil && position == steps.count }

    /// Adds steps and goes on with them, from outside a callback too.
    package func perform(_ more: [ScriptStep]) {
        steps += more
        advance()
    }

    package func close() {
        socket?.close()
        socket = nil
        isConnected = false
    }

    package func connected(_ socket: any Socket) {
        isConnected = true
        log.note(name, "connects")
        advance()
    }

    package func failed(_ socket: any Socket, _ error: Errno) {
        self.socket = nil
        ending = .notDialled(error)
        log.note(name, "cannot dial: \(error)")
        advance()
    }

    package func ready(_ socket: any Socket, _ readiness: Readiness) {
        if readiness.contains(.readable) { read() }
        advance()
    }
}

/// Receiving.
extension ScriptedPeer {
    private func read() {
        while !isStopped, paceTimer == nil, ending == nil, let socket {
            var buffer = [UInt8](repeating: 0, count: receiveLimit)
            switch buffer.withUnsafeMutableBytes({ socket.receive(into: $0) }) {
            case .bytes(let count, let isDrained):
                take(Array(buffer.prefix(count)))
                keepPace()
                if isDrained { return }
            case .wouldBlock:
                return
            case .finished:
                ended(.finished, "hears the end")
            case .failed(let error):
                ended(.failed(error), "hears: \(error)")
            }
        }
    }

    private var receiveLimit: Int {
        if case .slow(let bytes, _) = pace { return bytes }
        return receiveBytes
    }

    private func keepPace() {
        guard case .slow(_, let nanoseconds) = pace else { return }
        paceTimer = ScriptTimer(on: network, afterNanoseconds: nanoseconds) { [weak self] in
            self?.paceTimer = nil
            self?.read()
            self?.advance()
        }
    }

    private func take(_ bytes: [UInt8]) {
        log.noteReceived(name, bytes)
        received += bytes
        switch service {
        case nil:
            unexpected += bytes
        case .bytes(let answer):
            steps += answer(bytes)
        case .lines(let answer):
            for byte in bytes {
                if byte != 0x0A {
                    line.append(byte)
                    continue
                }
                if line.last == 0x0D { line.removeLast() }
                steps += answer(String(decoding: line, as: UTF8.self))
                line = []
            }
        }
    }

    /// A server has nothing more to say to a client that reset the connection.
    private var isAbandoned: Bool {
        if case .failed = ending { return service != nil }
        return false
    }

    private func ended(_ how: Ending, _ event: String) {
        ending = how
        log.note(name, event)
        if isAbandoned { steps.removeSubrange(min(position + 1, steps.count)...) }
        steps += stepsAtEnd
    }
}

/// The script.
extension ScriptedPeer {
    private func advance() {
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        while failure == nil, position < steps.count, perform(steps[position]) {
            position += 1
            sentBytes = 0
            matchedBytes = 0
        }
    }

    /// Does the step, or a part of it; true when it is done.
    private func perform(_ step: ScriptStep) -> Bool {
        switch step {
        case .expectDialFailure(let error): return expectDialFailure(error)
        case .wait(let nanoseconds): return wait(nanoseconds)
        case .call(let action): action()
        case .dialAgain: return dialAgain()
        case .stopReading: isStopped = true
        case .expect(let expected): return expect(expected.bytes)
        case .expectBytes(let count): return expectBytes(count)
        case .expectEnd: return expectEnd()
        case .expectReset: return expectReset()
        case .resumeReading:
            isStopped = false
            read()
        case .send, .finish, .close, .reset: return act(step)
        }
        return true
    }

    /// A step that needs the connection.
    private func act(_ step: ScriptStep) -> Bool {
        if case .notDialled(let error) = ending { return fail("cannot go on: \(error)") }
        guard let socket else { return fail("has closed and cannot go on") }
        guard isConnected else { return false }
        switch step {
        case .send(let bytes): return send(bytes.bytes, on: socket)
        case .finish:
            log.note(name, "finishes")
            socket.finish()
        case .close:
            log.note(name, "closes")
            close()
        default:
            log.note(name, "resets")
            socket.reset()
            close()
        }
        return true
    }

    private func send(_ bytes: [UInt8], on socket: any Socket) -> Bool {
        while sentBytes < bytes.count, !isAbandoned {
            let outcome = bytes.withUnsafeBytes { all in
                socket.send(UnsafeRawBufferPointer(rebasing: all[sentBytes...]))
            }
            switch outcome {
            case .bytes(let count):
                log.noteSent(name, Array(bytes[sentBytes..<(sentBytes + count)]))
                sentBytes += count
            case .wouldBlock: return false
            case .failed(let error) where service != nil:
                ended(.failed(error), "hears: \(error)")
                return true
            case .failed(let error): return fail("cannot send: \(error)")
            }
        }
        return true
    }

    private func expect(_ expected: [UInt8]) -> Bool {
        let rest = expected[matchedBytes...]
        let common = min(rest.count, unexpected.count)
        guard unexpected.prefix(common) == rest.prefix(common) else {
            return fail(mismatch(expected))
        }
        matchedBytes += common
        unexpected.removeFirst(common)
        if matchedBytes == expected.count { return true }
        return ending == nil && socket != nil ? false : waitForMore(mismatch(expected))
    }

    private func mismatch(_ expected: [UInt8]) -> String {
        let received = expected.prefix(matchedBytes) + unexpected
        return "expected \(quoted(expected)) but received \(quoted(received))"
    }

    private func expectBytes(_ count: Int) -> Bool {
        guard unexpected.count >= count else {
            return waitForMore("expected \(count) bytes but received \(unexpected.count)")
        }
        unexpected.removeFirst(count)
        return true
    }

    private func expectEnd() -> Bool {
        guard unexpected.isEmpty else {
            return fail("expected the end but received \(quoted(unexpected))")
        }
        if ending == .finished { return true }
        return waitForMore("expected the end")
    }

    private func expectReset() -> Bool {
        switch ending {
        case .failed: return true
        case nil where socket != nil: return false
        case nil, .finished, .notDialled: return waitForMore("expected a reset")
        }
    }

    private func expectDialFailure(_ expected: Errno) -> Bool {
        switch ending {
        case .notDialled(expected): return true
        case nil where !isConnected: return false
        default: return fail("expected that dialling fails: \(expected)")
        }
    }

    private func wait(_ nanoseconds: Int64) -> Bool {
        if timer == nil {
            timer = ScriptTimer(on: network, afterNanoseconds: nanoseconds) { [weak self] in
                self?.advance()
            }
            return false
        }
        guard timer?.hasFired == true else { return false }
        timer = nil
        return true
    }

    private func dialAgain() -> Bool {
        guard let dialledAddress else { return fail("was accepted and cannot dial") }
        close()
        ending = nil
        unexpected = []
        dial(dialledAddress)
        return true
    }

    private func dial(_ address: SocketAddress) {
        log.note(name, "dials")
        socket = network.dial(address, handler: self)
    }

    /// False, to wait; unless the connection has ended and nothing more can come.
    private func waitForMore(_ what: String) -> Bool {
        switch ending {
        case nil where socket != nil: false
        case nil: fail("\(what), and has closed")
        case .finished: fail("\(what), then the end")
        case .failed(let error): fail("\(what), then: \(error)")
        case .notDialled(let error): fail("\(what), but could not dial: \(error)")
        }
    }

    private func fail(_ what: String) -> Bool {
        failure = "\(name) \(what)"
        log.note(name, "FAILS: \(what)")
        return false
    }

    private func quoted(_ bytes: some Collection<UInt8>) -> String {
        "\"\(TimeDiagram.escaped(bytes))\""
    }
}

/// Calls something once, later.
private final class ScriptTimer: TimerHandler {
    private(set) var hasFired = false
    private let action: () -> Void

    init(
        on network: any Network, afterNanoseconds nanoseconds: Int64,
        _ action: @escaping () -> Void
    ) {
        self.action = action
        network.schedule(at: network.now.advanced(byNanoseconds: nanoseconds), self)
    }

    func timerFired(_ timer: TimerToken) {
        hasFired = true
        action()
    }
}
