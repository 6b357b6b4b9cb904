import Faults
import Platform
import Recordings
import Text

/// Where clients connect, and what is recorded of them: the options that `record` and `proxy`
/// share.
enum SessionOptions {
    static let routes = [
        listen.definition, upstream.definition, route.definition, ConfigFile.option.definition,
        mirrorRefusal.definition,
    ]

    /// What the help says of servers that refuse.
    static let refusal =
        "A client cannot be refused before the server is dialled: where that refuses, the client "
        + "is reset right after it connected. With --mirror-refusal clients are refused as long as "
        + "the server refuses, which is asked five times a second while no client dials it: it "
        + "sees connections that say nothing."

    /// How a recording is written.
    static let recording = [
        maximumSize.definition, maximumWait.definition, mustRecord.definition,
        flushEvery.definition, force.definition,
    ]

    static let listen = addressText(
        "listen", "where clients connect: :7000 is loopback, :0 a free port")
    static let upstream = Option<String>("upstream", "ADDRESS", "the server to pass on to") {
        try serverAddress($0)
    }
    static let route = Option<RouteText>(
        "route", "NAME=LISTEN,UPSTREAM", "one of several such pairs, with a name of its own"
    ) { try RouteText(parsing: $0) }.repeatable
    private static let mirrorRefusal = Flag(
        "mirror-refusal",
        "refuse clients while the server refuses; it is asked, by connecting and closing at once")
    static let duration = Option<TimeAmount>.quantity(
        "duration", "DURATION", "end after so long")
    private static let maximumSize = Option<ByteCount>.quantity(
        "max-size", "SIZE", "end the recording before it is larger; traffic goes on unrecorded")
    private static let maximumWait = Option<TimeAmount>.quantity(
        "max-wait", "DURATION", "how long traffic may wait for the disk", default: "5s")
    private static let mustRecord = Flag(
        "must-record", "stop the traffic rather than let any pass unrecorded")
    private static let flushEvery = Option<TimeAmount>.quantity(
        "flush-every", "DURATION", "how old what is not yet on the disk may be", default: "1s")
    private static let force = Flag("force", "replace the file if it exists")

    /// The least that `--max-size` may be: the description, an index and something between.
    private static let leastSize = ByteCount(bytes: 64 << 10)

    /// - Parameters:
    ///   - config: what `--config` read; the command line's options go before.
    ///   - output: the option that names the recording.
    static func settings(
        _ arguments: Arguments, _ config: ConfigFile?, output: Option<FileArgument>
    ) throws(UsageError) -> SessionSettings {
        var settings = SessionSettings(
            routes: try routes(arguments, config), maximumWait: try arguments.require(maximumWait),
            flushEvery: try arguments.require(flushEvery))
        if let file = try arguments.value(of: output) ?? config?.record {
            guard case .path(let path) = file else {
                throw UsageError(
                    "--\(output.definition.name): a recording is not written to standard output; "
                        + "name a file")
            }
            settings.path = path
        } else {
            for option in recording { try arguments.only(option, with: output.definition) }
        }
        settings.maximumSize = try arguments.value(of: maximumSize)
        if let size = settings.maximumSize, size < leastSize {
            throw UsageError("--max-size: \(size) is too small; write 64KiB or more")
        }
        guard settings.flushEvery > .zero else {
            throw UsageError("--flush-every: 0 is too short; write 1ms or more")
        }
        settings.duration = try arguments.value(of: duration)
        settings.mirrorsRefusal = arguments.has(mirrorRefusal)
        settings.mustRecord = arguments.has(mustRecord)
        settings.replaces = arguments.has(force)
        return settings
    }

    private static func routes(
        _ arguments: Arguments, _ config: ConfigFile?
    ) throws(UsageError) -> [RouteText] {
        if let config {
            for option in [listen.definition, upstream.definition, route.definition] {
                try arguments.atMostOne(of: [ConfigFile.option.definition, option])
            }
            return config.routes
        }
        let several = try arguments.values(of: route)
        guard several.isEmpty else {
            try arguments.atMostOne(of: [route.definition, listen.definition])
            try arguments.atMostOne(of: [route.definition, upstream.definition])
            guard several.count <= RouteText.most else {
                throw UsageError("--route: there are more than \(RouteText.most); write fewer")
            }
            for (index, one) in several.enumerated()
            where several[..<index].contains(where: { $0.name == one.name }) {
                throw UsageError("--route: two are named \"\(one.name)\"; name one otherwise")
            }
            return several
        }
        return [
            RouteText(
                name: "default", listen: try arguments.require(listen),
                upstream: try arguments.require(upstream))
        ]
    }

    /// Where a server listens, which is never port 0.
    static func serverAddress(_ text: String) throws -> String {
        if case .address(let address) = try AddressText(text), address.port == 0 {
            throw UsageError("no server listens on port 0; write the port that it listens on")
        }
        return text
    }

    /// An address that is checked now and looked up later.
    private static func addressText(_ name: String, _ help: String) -> Option<String> {
        Option(name, "ADDRESS", help) { text in
            _ = try AddressText(text)
            return text
        }
    }
}

/// A route as it is typed: `orders=:7000,db.example:5432`.
struct RouteText: Hashable, Sendable {
    static let most = 256

    var name: String
    var listen: String
    var upstream: String

    init(name: String, listen: String, upstream: String) {
        self.name = name
        self.listen = listen
        self.upstream = upstream
    }

    init(parsing text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let addresses = parts.count == 2 ? parts[1].split(separator: ",") : []
        guard addresses.count == 2, 1...Target.longestRouteName ~= parts[0].utf8.count else {
            throw UsageError(
                "\"\(EscapedText(text, limit: 60))\" is not a route; "
                    + "write it like \"orders=:7000,:6379\"")
        }
        self.init(
            name: String(parts[0]), listen: String(addresses[0]), upstream: String(addresses[1]))
        _ = try AddressText(listen)
        _ = try SessionOptions.serverAddress(upstream)
    }
}

/// What `weir record` or `weir proxy` was asked for, faults apart.
struct SessionSettings: Sendable {
    var routes: [RouteText]
    /// nil: nothing is recorded.
    var path: String?
    var framing: FramingChoice?
    var duration: TimeAmount?
    var maximumSize: ByteCount?
    var maximumWait: TimeAmount
    var flushEvery: TimeAmount
    /// Clients are refused while the server is.
    var mirrorsRefusal = false
    var mustRecord = false
    var replaces = false
}
