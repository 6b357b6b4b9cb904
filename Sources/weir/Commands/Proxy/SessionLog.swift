import Engine
import Faults
import Platform
import Recordings
import Text

/// Makes words of what happens while `weir record` or `weir proxy` runs, and of what came of it.
final class SessionLog: SessionObserver {
    let console: Console
    /// `record` or `proxy`.
    let verb: String
    let settings: SessionSettings
    /// Ends the session, for a reason that is no wish of the user's.
    private let stop: (ExitCode) -> Void
    private(set) var detection: Detection?

    init(
        _ console: Console, verb: String, settings: SessionSettings,
        stop: @escaping (ExitCode) -> Void
    ) {
        self.console = console
        self.verb = verb
        self.settings = settings
        self.stop = stop
    }

    func begins(_ routes: [Route]) {
        for route in routes {
            console.log(
                .info, "listening",
                "listening on \(route.listen), passing on to \(route.upstream)"
                    + (settings.path.map { ", recording to \(EscapedText($0))" } ?? "")
                    + "; Ctrl-C ends it"
            ) { line in
                line.member("listen", "\(route.listen)")
                line.member("upstream", "\(route.upstream)")
                if let path = settings.path { line.member("output", path) }
            }
            if !route.listen.isLoopback {
                console.log(
                    .warning, "not_loopback",
                    "\(route.listen) can be reached from other machines; "
                        + "listen on :\(route.listen.port ?? 0) to keep it to this one")
            }
        }
    }

    func note(_ notice: Notice) {
        switch notice {
        case .ended(let summary): log(summary)
        case .cannotAccept(_, let error):
            console.log(
                .warning, "cannot_accept",
                "clients wait, because accepting fails: \(error); raise ulimit -n")
        case .full(let connections):
            console.log(
                .warning, "full",
                "\(connections.grouped) connections are open: further clients wait for one to end"
                    + (connections < Proxy.maximumConnections ? "; raise ulimit -n for more" : ""))
        case .refusing(let route):
            console.log(
                .warning, "refusing",
                "\(route.upstream) refuses connections, and so does \(route.listen) until it "
                    + "accepts again"
            ) { $0.member("route", route.name) }
        case .acceptingAgain(let route):
            console.log(
                .info, "accepting_again",
                "\(route.upstream) accepts connections again, and so does \(route.listen)"
            ) { $0.member("route", route.name) }
        case .cannotListenAgain(let route, let error):
            console.log(
                .error, "cannot_listen_again",
                "\(route.upstream) accepts connections again, but \(route.listen) cannot be "
                    + "listened on: \(error); end what listens there, and it goes on"
            ) { $0.member("route", route.name) }
        case .detected(let detection):
            self.detection = detection
            var level = LogLevel.info
            if case .tls = detection { level = .warning }
            console.log(level, "protocol", detection.sentence)
        case .authentication where settings.path == nil:
            break
        case .authentication(let connection):
            console.log(
                .warning, "authentication",
                "credentials passed on connection \(connection) and are in the recording; "
                    + "keep it as secret as they are"
            ) { $0.member("connection", connection) }
        case .strike(let strike): log(strike)
        case .unrolled(let connection, let messages):
            console.log(
                .warning, "unrolled",
                "connection \(connection): \(messages.counted("message")) passed before the "
                    + "protocol was known, and could not be struck; name it with --protocol"
            ) { line in
                line.member("connection", connection)
                line.member("messages", messages)
            }
        case .achieved(let connection, let direction, let text):
            console.log(
                .info, "achieved",
                "connection \(connection) \(direction.name): \(EscapedText(text))"
            ) { line in
                line.member("connection", connection)
                line.member("direction", direction.name)
                line.member("achieved", text)
            }
        case .recorder(let notice): log(notice)
        }
    }

    private func log(_ strike: LiveStrike) {
        let outcome = strike.outcome
        var text = "\(outcome.id): \(strike.faultName) \(outcome.result.name)"
        if !outcome.reason.isEmpty {
            // Another strike, or what befell the connection.
            let isStrike = outcome.result == .preempted && outcome.reason.contains("@")
            text += (isStrike ? " by " : ": ") + "\(EscapedText(outcome.reason))"
        }
        console.log(.info, "strike", text) { line in
            line.member("strike", outcome.id)
            line.member("rule", strike.rule)
            line.member("fault", strike.faultName)
            line.member("connection", strike.connection)
            line.member("direction", strike.direction.name)
            line.member("message", strike.message)
            line.member("outcome", outcome.result.name)
            line.member("reason", outcome.reason)
            line.member("label", strike.label.rawValue)
        }
    }

    private func log(_ notice: RecorderNotice) {
        let path = EscapedText(settings.path ?? "")
        switch notice {
        case .waiting(let nanoseconds):
            console.log(
                .warning, "waiting",
                "the disk has taken nothing for \(time(nanoseconds)), and traffic waits for it, "
                    + "as --must-record asks")
        case .unrecorded(let nanoseconds):
            console.log(
                .warning, "unrecorded",
                "the disk has taken nothing for \(time(nanoseconds)): traffic goes on unrecorded; "
                    + "--max-wait says how long it waits")
        case .resumed(let missing):
            console.log(
                .warning, "resumed",
                "recording goes on; \(ByteCount(bytes: missing).forPeople) are missing so far"
            ) { $0.member("missing_bytes", missing) }
        case .failed(let error):
            console.log(
                .error, "failed",
                "cannot write \(path): \(Self.text(of: error)); traffic goes on unrecorded; "
                    + Self.advice(after: error))
        case .stopped(let error):
            console.log(
                .error, "stopped",
                "cannot write \(path): \(Self.text(of: error)); traffic is stopped, as "
                    + "--must-record asks; \(Self.advice(after: error))")
            stop(.unwritable)
        case .complete(let bytes):
            console.log(
                .info, "complete",
                "the recording is as large as --max-size allows, and whole; traffic goes on "
                    + "unrecorded until Ctrl-C"
            ) { $0.member("bytes", bytes) }
        }
    }

    func time(_ nanoseconds: Int64) -> String {
        TimeAmount(nanoseconds: nanoseconds).forPeople
    }

    /// Why the file could not be written.
    static func text(of error: Errno) -> String {
        switch error {
        case .noEntry: "it was removed or moved while it was being written"
        case .cutByOthers: "another program cut it while it was being written"
        default: "\(error)"
        }
    }

    /// What is left, and what to do.
    static func advice(after error: Errno) -> String {
        switch error {
        case .noEntry: "record again, and let the file be"
        case .cutByOthers: "weir check says what is left; record again, and let the file be"
        case .noSpace, .quotaExceeded, .fileTooLarge:
            "what was recorded before is kept; make room and record again"
        default: "what was recorded before is kept; record again, to another place"
        }
    }
}

/// A connection's life in one line.
extension SessionLog {
    private func log(_ summary: ConnectionSummary) {
        let lasted = summary.ended.nanoseconds(since: summary.opened)
        let level: LogLevel = if case .refused = summary.ending { .warning } else { .info }
        console.log(
            level, "connection",
            "connection \(summary.number) from \(summary.client): \(words(summary, lasted))"
        ) { line in
            line.member("connection", summary.number)
            line.member("client", summary.client)
            line.member("server", summary.server)
            line.member("opened_ns", summary.opened.nanoseconds)
            line.member("ended_ns", summary.ended.nanoseconds)
            line.member("ended", Self.text(of: summary.ending))
            line.member("upstream_bytes", summary.upstream.bytes)
            line.member("downstream_bytes", summary.downstream.bytes)
        }
    }

    private func words(_ summary: ConnectionSummary, _ lasted: Int64) -> String {
        if case .refused(let error) = summary.ending {
            return "\(summary.server) could not be reached: \(error); the client was reset"
        }
        return "\(summary.upstream.bytes.grouped) bytes up, \(summary.downstream.bytes.grouped) "
            + "down in \(time(lasted)), \(Self.text(of: summary.ending))"
    }

    private static func text(of ending: ConnectionSummary.Ending) -> String {
        switch ending {
        case .finished(let first): "finished by \(first.name)"
        case .reset(let by): "reset by \(by.name)"
        case .failed(let error, let by): "failed at \(by.name): \(error)"
        case .refused(let error): "refused: \(error)"
        case .cut(let strike): "cut by \(strike)"
        case .stopped: "ended by weir"
        }
    }
}

extension SocketAddress {
    /// Only this machine reaches it.
    var isLoopback: Bool {
        switch self {
        case .ipv4(let bytes, _): bytes.first == 127
        case .ipv6(let bytes, _, _): bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
        case .unix: true
        }
    }
}
