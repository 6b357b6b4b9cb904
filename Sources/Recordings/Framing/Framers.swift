import Text

/// The protocols that Weir reads as messages: the one list of them.
///
/// To add one: a file in `Framers/`, and a line here.
package enum Framers {
    /// A protocol, and how to make its framer.
    package struct Listing: Sendable {
        package var name: String
        /// A line for the help.
        package var summary: String
        /// The settings it takes, each with the values that it may have, the default first.
        package var settings: [Setting]
        fileprivate var make: @Sendable (_ value: (String) -> String) -> any Framer
        var recognises: @Sendable (Span<UInt8>, Span<UInt8>) -> Recognition
    }

    package struct Setting: Hashable, Sendable {
        package var key: String
        package var values: [String]
    }

    /// In the order in which they are tried on a connection's first bytes.
    package static let all: [Listing] = [
        Listing(
            name: RedisFramer.name, summary: "Redis and its kin: RESP2 and RESP3", settings: [],
            make: { _ in RedisFramer() },
            recognises: { RedisFramer.recognises(upstream: $0, downstream: $1) }),
        Listing(
            name: LineFramer.name, summary: "lines of text; one line answers one, or none does",
            settings: [
                Setting(key: "pairing", values: LineFramer.Pairing.allCases.map(\.rawValue))
            ],
            make: { value in
                LineFramer(pairing: LineFramer.Pairing(rawValue: value("pairing")) ?? .order)
            },
            recognises: { LineFramer.recognises(upstream: $0, downstream: $1) }),
    ]

    /// Names that are taken by protocols to come.
    package static let reserved = [
        "http1", "http2", "postgresql", "mysql", "kafka", "mqtt", "amqp", "nats", "memcached",
        "length-prefixed",
    ]

    /// A new framer for one connection.
    package static func make(_ wanted: FramerSettings) throws(FramerError) -> any Framer {
        guard let listing = all.first(where: { $0.name == wanted.name }) else {
            guard !reserved.contains(wanted.name) else { throw .notYet(wanted.name) }
            throw .unknownName(
                wanted.name, nearest: nearest(wanted.name, among: all.map(\.name) + ["none"]))
        }
        for setting in wanted.settings {
            guard let known = listing.settings.first(where: { $0.key == setting.key }) else {
                let keys = listing.settings.map(\.key)
                throw .unknownSetting(
                    framer: wanted.name, key: setting.key,
                    nearest: nearest(setting.key, among: keys))
            }
            guard known.values.contains(setting.value) else {
                throw .badValue(
                    framer: wanted.name, key: setting.key, value: setting.value,
                    allowed: known.values)
            }
        }
        return listing.make { key in
            wanted.settings.first { $0.key == key }?.value
                ?? listing.settings.first { $0.key == key }?.values.first ?? ""
        }
    }
}
