import Faults
import Platform
import Recordings
import Text

/// What `--config` reads: routes, faults and where to record, in one file that `record`, `proxy`
/// and `replay` share. Each takes what is its own.
///
/// Paths in it begin where Weir is started, as on the command line.
struct ConfigFile: Sendable {
    /// It is written by people; more bytes than this are not one.
    static let maximumBytes = 1 << 20

    static let option = Option<FileArgument>.file(
        "config", "FILE", "routes, faults and more from a JSON file; see weir help config")

    /// As it was given on the command line.
    let file: String
    let routes: [RouteText]
    /// Where a replay takes those routes that say `to`.
    let targets: [PlaybackOptions.Target]
    let framing: FramingChoice?
    let seed: UInt64?
    /// Each with its place: `weir.json:7: faults[0]`.
    let faults: [(place: String, rule: Rule)]
    let plan: FileArgument?
    /// Where `record` and `proxy` record to.
    let record: FileArgument?

    /// The file of `--config`; nil where that was not given.
    static func read(_ arguments: Arguments) throws(UsageError) -> ConfigFile? {
        guard let argument = try arguments.value(of: option) else { return nil }
        let bytes: [UInt8]
        do throws(Failure) {
            bytes = try argument.contents(limit: maximumBytes)
        } catch {
            throw UsageError(error.message)
        }
        do throws(DocumentError) {
            return try ConfigFile(reading: bytes, file: argument.description)
        } catch {
            throw UsageError(error.description)
        }
    }

    /// - Parameter file: as it was given on the command line, for errors.
    init(reading bytes: [UInt8], file: String) throws(DocumentError) {
        self.file = file
        let whole = try JSONField(
            reading: bytes, file: file, limits: JSONLimits(bytes: Self.maximumBytes))
        var fields = try whole.object()
        let list = try fields.require("routes")
        let framingField = fields.take("protocol")
        let seedField = fields.take("seed")
        let faultsField = fields.take("faults")
        let planField = fields.take("plan")
        let recordField = fields.take("record")
        try fields.finish()
        var routes: [RouteText] = []
        var targets: [PlaybackOptions.Target] = []
        for element in try list.elements() {
            let (route, to) = try Self.route(element, behind: routes)
            routes.append(route)
            if let to { targets.append(PlaybackOptions.Target(route: route.name, address: to)) }
        }
        guard !routes.isEmpty else { throw list.error("it is empty; write one route or more") }
        self.routes = routes
        self.targets = targets
        framing = try framingField.map { field throws(DocumentError) in
            try Self.value(field) { try FramingChoice(parsing: $0) }
        }
        seed = try seedField?.count()
        var faults: [(place: String, rule: Rule)] = []
        for element in try faultsField?.elements() ?? [] {
            let rule = try Self.value(element) { try FaultText.rule($0) }
            faults.append(("\(file):\(element.value.place.line): \(element.path)", rule))
        }
        self.faults = faults
        plan = try planField.map(Self.path)
        record = try recordField.map(Self.path)
    }

    /// What in it a schedule says itself; nil: nothing.
    var scheduled: String? {
        if !faults.isEmpty { return "faults" }
        if plan != nil { return "plan" }
        if framing != nil { return "protocol" }
        return seed != nil ? "seed" : nil
    }

    /// A route, and where a replay takes it.
    private static func route(
        _ field: JSONField, behind others: [RouteText]
    ) throws(DocumentError) -> (route: RouteText, to: String?) {
        guard others.count < RouteText.most else {
            throw field.error("there are more than \(RouteText.most) routes; write fewer")
        }
        var fields = try field.object()
        let nameField = try fields.require("name")
        let listen = try fields.require("listen")
        let upstream = try fields.require("upstream")
        let to = fields.take("to")
        try fields.finish()
        let name = try nameField.string()
        guard 1...Target.longestRouteName ~= name.utf8.count, !name.contains("=") else {
            throw nameField.error(
                "a name has 1 to \(Target.longestRouteName) bytes, and no \"=\"; write one like "
                    + "\"orders\"")
        }
        guard !others.contains(where: { $0.name == name }) else {
            throw nameField.error(
                "two routes are named \"\(EscapedText(name, limit: 60))\"; name one otherwise")
        }
        let route = RouteText(
            name: name, listen: try address(listen),
            upstream: try value(upstream) { try SessionOptions.serverAddress($0) })
        return (route, try to.map(address))
    }

    /// An address that is checked now and looked up later.
    private static func address(_ field: JSONField) throws(DocumentError) -> String {
        try value(field) { text in
            _ = try AddressText(text)
            return text
        }
    }

    private static func path(_ field: JSONField) throws(DocumentError) -> FileArgument {
        let path = try field.string()
        guard !path.isEmpty, path != "-" else {
            throw field.error("it names no file; write a path")
        }
        return .path(path)
    }

    /// What the command line would make of a string.
    private static func value<Value>(
        _ field: JSONField, _ parse: (String) throws -> Value
    ) throws(DocumentError) -> Value {
        let text = try field.string()
        do {
            return try parse(text)
        } catch {
            throw field.error("\(error)")
        }
    }
}

extension ConfigFile {
    /// What the help shows; a test reads it.
    static let example = """
        {
          "routes": [
            { "name": "orders", "listen": ":7000", "upstream": ":6379", "to": ":7379" },
            { "name": "users", "listen": ":7001", "upstream": ":5432", "to": ":7432" }
          ],
          "faults": [
            "duplicate chance=1% route=orders",
            "latency latency=20ms route=users"
          ],
          "seed": 7,
          "record": "traffic.weir"
        }

        """
}
