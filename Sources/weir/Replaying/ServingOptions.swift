import Engine
import Platform
import Recordings
import Text

/// Standing in for the recorded service: the options that say where, and what for.
struct ServingOptions: Sendable {
    /// Beside `listen`, in the order of the help.
    static let definitions = [onUnknown.definition, idleTimeout.definition]

    static let listen = Option<PlaybackOptions.Target>(
        "listen", "ADDRESS",
        "stand in for the service here; NAME=ADDRESS for one route of several"
    ) { try PlaybackOptions.Target(parsing: $0) }
    static let onUnknown = Option<OnUnknown>(
        "on-unknown", "WHAT",
        "with --listen, what a message leads to that the recording does not have",
        default: "close", completion: .words(OnUnknown.allCases.map(\.rawValue))
    ) { text in
        guard let value = OnUnknown(rawValue: text) else {
            throw UsageError(
                text.hasPrefix("forward")
                    ? "forward cannot be done yet; write close or wait"
                    : "there is no \"\(EscapedText(text, limit: 60))\"; write close or wait")
        }
        return value
    }
    static let idleTimeout = Option<TimeAmount>.quantity(
        "idle-timeout", "DURATION",
        "with --listen, end when nothing was asked for so long after a first connection",
        default: "10s")

    let target: PlaybackOptions.Target
    let unknown: OnUnknown
    let idle: TimeAmount

    /// nil where Weir is the client. Either that or this must be asked for.
    init?(_ arguments: Arguments) throws(UsageError) {
        let (to, listen) = (PlaybackOptions.to.definition, Self.listen.definition)
        let config = ConfigFile.option.definition
        try arguments.exactlyOne(of: [to, listen, config])
        for option in Self.definitions { try arguments.only(option, with: listen) }
        if !arguments.isGiven(config) {
            try arguments.only(PlaybackOptions.answerTimeout.definition, with: to)
        }
        unknown = try arguments.require(Self.onUnknown)
        idle = try arguments.require(Self.idleTimeout)
        guard let target = try arguments.value(of: Self.listen) else { return nil }
        self.target = target
    }

    /// Takes the address that the consumer will dial.
    func serving(
        _ source: ReplaySource, _ playback: PlaybackOptions, on network: any Network
    ) throws(Failure) -> ReplayRun.Serving {
        let address = try playback.resolve(target.address, for: "--listen")
        let door: Door
        do throws(NetworkError) {
            door = try Door(on: address, network: network)
        } catch {
            throw Failure(.unreachable, "\(error)")
        }
        var settings = playback.settings(source, at: door.address)
        settings.route = try route(of: source)
        var standIn = StandInSettings(settings)
        standIn.onUnknown = unknown
        standIn.idleNanoseconds = idle.nanoseconds
        return ReplayRun.Serving(settings: standIn, door: door)
    }

    /// The recorded route that is played; nil: the recording has one, or none that has a name.
    private func route(of source: ReplaySource) throws(Failure) -> UInt16? {
        let names = source.routes.joined(separator: ", ")
        guard let name = target.route else {
            guard source.routes.count <= 1 else {
                throw Failure(
                    .usage,
                    "--listen: the recording has several routes; name one of "
                        + "\(EscapedText(names)): --listen NAME=ADDRESS")
            }
            return nil
        }
        guard let route = source.routes.firstIndex(of: name) else {
            throw Failure(
                .usage,
                "--listen: the recording has no route \"\(EscapedText(name, limit: 60))\"; it has "
                    + (names.isEmpty ? "none that has a name" : "\(EscapedText(names))"))
        }
        return UInt16(clamping: route)
    }

    /// Says where it listens, and what for.
    func announce(
        _ prepared: ReplaySource.Prepared, _ serving: ReplayRun.Serving, _ log: RunLog
    ) {
        let settings = serving.settings.replay
        let connections = prepared.source.transcript.connections.filter { connection in
            settings.route.map { $0 == connection.route } ?? true
                && (settings.only.isEmpty
                    || settings.only.contains { $0.contains(connection.number) })
        }
        let messages = connections.reduce(UInt64(0)) { $0 + $1.upstream.count }
        let planned = prepared.schedule.strikes.count(where: \.isPlanned)
        let address = serving.door.address
        log.log(
            address.isLoopback ? .info : .warning, "listening",
            "listening on \(address) in place of the recorded server: "
                + "\(messages.grouped) request\(messages == 1 ? "" : "s") on "
                + "\(connections.count) connection\(connections.count == 1 ? "" : "s"), with "
                + "\(planned.grouped) planned strike\(planned == 1 ? "" : "s"); seed "
                + "\(prepared.schedule.seed)")
    }
}
