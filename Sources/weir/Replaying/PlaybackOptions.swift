import Engine
import Platform
import Recordings
import Text

/// How a recording is played, and to whom: the options that `replay` and `test` share.
struct PlaybackOptions: Sendable {
    /// Beside `to`, in the order of the help.
    static let definitions: [OptionDefinition] = [
        pacing.definition, speed.definition, maximumGap.definition, only.definition,
        includePartial.definition, answerTimeout.definition, allowRemote.definition,
    ]

    static let to = Option<Target>(
        "to", "ADDRESS", "the service; NAME=ADDRESS for one route of several"
    ) { try Target(parsing: $0) }.repeatable
    static let pacing = Option<Pacing>.choice(
        "pacing", "PACING", "what decides when a message is sent", default: "hybrid")
    static let speed = Option<Speed>.quantity(
        "speed", "SPEED", "how many times as fast as recorded", default: "1x")
    static let maximumGap = Option<TimeAmount>.quantity(
        "max-gap", "DURATION", "cut stretches in which nothing happens to this")
    static let only = Option<NumberRanges>.quantity(
        "only", "CONNECTIONS", "play only these connections: 1,4-6")
    static let includePartial = Flag(
        "include-partial", "play connections that were picked up in the middle, too")
    static let answerTimeout = Option<TimeAmount>.quantity(
        "answer-timeout", "DURATION", "how much later than recorded an answer may be",
        default: "5s")
    static let allowRemote = Flag(
        "allow-remote", "send to, or listen on, an address that is not this machine's alone")

    /// Where a route goes; without a name, all that are not named.
    struct Target: Sendable {
        var route: String?
        var address: String

        init(route: String, address: String) {
            self.route = route
            self.address = address
        }

        init(parsing text: String) throws {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, !parts[0].contains("/"), !parts[0].isEmpty {
                route = String(parts[0])
            }
            address = route == nil ? text : String(parts[1])
            _ = try AddressText(address)
        }
    }

    let targets: [Target]
    /// Where those are said: `--to`, or the file of `--config`.
    private let origin: String
    let pacing: Pacing
    let speed: Speed
    let maximumGap: TimeAmount?
    let only: [ClosedRange<UInt32>]
    let includesPartial: Bool
    let answerTimeout: TimeAmount
    let isRemoteAllowed: Bool

    /// - Parameter config: what `--config` read, which is given in the place of `--to`.
    init(_ arguments: Arguments, _ config: ConfigFile? = nil) throws(UsageError) {
        let typed = try arguments.values(of: Self.to)
        targets = config?.targets ?? typed
        origin = config?.file ?? "--to"
        if let config, config.targets.isEmpty {
            throw UsageError(
                "\(config.file): no route says where a replay of it goes; add \"to\"")
        }
        pacing = try arguments.require(Self.pacing)
        speed = try arguments.require(Self.speed)
        maximumGap = try arguments.value(of: Self.maximumGap)
        let ranges = try arguments.value(of: Self.only)?.ranges ?? []
        only = ranges.map {
            UInt32(clamping: $0.lowerBound)...UInt32(clamping: $0.upperBound)
        }
        includesPartial = arguments.has(Self.includePartial)
        answerTimeout = try arguments.require(Self.answerTimeout)
        isRemoteAllowed = arguments.has(Self.allowRemote)
        guard targets.count(where: { $0.route == nil }) <= 1 else {
            throw UsageError("--to is given twice; name the routes: --to NAME=ADDRESS")
        }
    }

    /// Port 0 is for a command that is told which one it became.
    func checkPorts(hasCommand: Bool) throws(UsageError) {
        let takesPort = targets.contains { $0.address.hasSuffix(":0") }
        guard takesPort, !hasCommand || targets.count > 1 else { return }
        throw UsageError(
            "\(origin): port 0 is a free one for the command behind --, which is told it; name the "
                + "port of a service that runs already, and of each of several routes")
    }
}

/// What they come to for one recording.
extension PlaybackOptions {
    /// A deadline that is met to the microsecond costs a part of a core.
    var meetsDeadlines: Bool { pacing == .recorded || pacing == .hybrid }

    /// Looks the addresses up.
    func settings(_ source: ReplaySource) throws(Failure) -> ReplaySettings {
        var addresses: [UInt16: SocketAddress] = [:]
        var fallback: SocketAddress?
        for target in targets {
            let address = try resolve(target.address)
            guard let name = target.route else {
                fallback = address
                continue
            }
            guard let route = source.routes.firstIndex(of: name) else {
                let names = source.routes.joined(separator: ", ")
                throw Failure(
                    .usage,
                    "\(origin): the recording has no route "
                        + "\"\(EscapedText(name, limit: 60))\"; it has "
                        + (names.isEmpty ? "none that has a name" : "\(EscapedText(names))"))
            }
            addresses[UInt16(clamping: route)] = address
        }
        if fallback == nil {
            for (index, name) in source.routes.enumerated()
            where addresses[UInt16(clamping: index)] == nil {
                throw Failure(
                    .usage,
                    "\(origin): nothing is said for the route "
                        + "\"\(EscapedText(name, limit: 60))\"; add "
                        + (origin == "--to"
                            ? "--to \(EscapedText(name, limit: 60))=ADDRESS" : "its \"to\""))
            }
        }
        guard let address = fallback ?? addresses.values.first else {
            throw Failure(.usage, "--to ADDRESS is missing; add it")
        }
        var settings = settings(source, at: address)
        settings.addresses = addresses
        return settings
    }

    /// What both ways of replaying have in common.
    func settings(_ source: ReplaySource, at address: SocketAddress) -> ReplaySettings {
        var settings = ReplaySettings(to: address, framing: source.framing)
        settings.units = source.units
        settings.pacing = pacing
        let ratio = speed.ratio
        settings.speed = ReplaySpeed(ratio.numerator, ratio.denominator)
        settings.maximumGapNanoseconds = maximumGap?.nanoseconds
        settings.only = only
        settings.includesPartial = includesPartial
        settings.answerTimeoutNanoseconds = answerTimeout.nanoseconds
        return settings
    }

    /// Looks an address up. One that is not this machine's is refused unless it is allowed.
    func resolve(
        _ text: String, for option: String = "--to"
    ) throws(Failure) -> SocketAddress {
        let address: SocketAddress
        do {
            address = try SocketAddress.resolve(text)
        } catch {
            throw Failure(.unreachable, "\(error)")
        }
        guard address.isLoopback || isRemoteAllowed else {
            throw Failure(
                .usage,
                "\(option): \(address) is not this machine alone: the recorded traffic would be "
                    + "sent there; add --allow-remote if that is meant")
        }
        return address
    }

    /// Says what will be sent where; loudly, where it leaves the machine.
    func announce(
        _ prepared: ReplaySource.Prepared, _ settings: ReplaySettings, _ log: RunLog
    ) {
        var messages: UInt64 = 0
        var bytes: UInt64 = 0
        var connections: UInt64 = 0
        for connection in prepared.source.transcript.connections {
            let isAskedFor = settings.only.contains { $0.contains(connection.number) }
            guard settings.only.isEmpty || isAskedFor else { continue }
            connections += 1
            messages += connection.upstream.count
            bytes += connection.upstream.bytes
        }
        let addresses = [settings.address] + settings.addresses.values
        let isRemote = addresses.contains { !$0.isLoopback }
        let planned = prepared.schedule.strikes.count(where: \.isPlanned)
        let amount =
            prepared.source.framing == .none
            ? ByteCount(bytes: bytes).forPeople
            : "\(messages.grouped) messages (\(ByteCount(bytes: bytes).forPeople))"
        log.log(
            isRemote ? .warning : .info, "sending",
            "sending \(amount) on \(connections.grouped) connection"
                + "\(connections == 1 ? "" : "s") to \(consumer(settings)), with "
                + "\(planned.grouped) planned strike\(planned == 1 ? "" : "s"); seed "
                + "\(prepared.schedule.seed)")
    }

    /// The consumer, as it is shown.
    func consumer(_ settings: ReplaySettings) -> String { settings.consumers }
}

extension ReplaySettings {
    /// The addresses that are played to, as they are shown.
    var consumers: String {
        guard !addresses.isEmpty else { return address.port == 0 ? "a free port" : "\(address)" }
        return Set([address] + addresses.values).map { "\($0)" }.sorted().joined(separator: ", ")
    }
}
