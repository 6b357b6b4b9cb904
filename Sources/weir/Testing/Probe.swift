import Reactions
import Text

/// A command that asks what the consumer, or what stands behind it, has come to: `[NAME=]COMMAND`.
struct Probe: Hashable, Sendable {
    /// The names that Weir gives its own commands.
    static let resetName = ObservationBuilder.resetName
    static let healthName = ObservationBuilder.healthName

    /// As it is called in reports.
    var name: String
    var command: String

    /// `balance=psql …`. What stands before the first `=` is a name where it is made of lower-case
    /// letters, digits and hyphens; `PGUSER=me psql …` is a command as a whole.
    init(parsing text: String) throws(UsageError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        name = ""
        command = text
        if parts.count == 2, Self.isName(parts[0]) {
            name = String(parts[0])
            command = String(parts[1])
        }
        guard command.contains(where: { !$0.isWhitespace }) else {
            throw UsageError("there is no command; write 'NAME=COMMAND', or the command alone")
        }
        guard name != Self.resetName, name != Self.healthName else {
            throw UsageError("\"\(name)\" is what Weir calls its own; name the probe otherwise")
        }
    }

    /// The probes with a name each: `probe`, `probe-2`, … for those that were given none.
    static func named(_ probes: [Probe]) throws(UsageError) -> [Probe] {
        var named: [Probe] = []
        for (index, probe) in probes.enumerated() {
            var probe = probe
            if probe.name.isEmpty { probe.name = index == 0 ? "probe" : "probe-\(index + 1)" }
            guard !named.contains(where: { $0.name == probe.name }) else {
                throw UsageError("--probe: two are named \"\(probe.name)\"; name one otherwise")
            }
            named.append(probe)
        }
        return named
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first)
        else { return false }
        return text.utf8.count <= longestName
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "-")
            }
    }

    private static let longestName = 40
}
