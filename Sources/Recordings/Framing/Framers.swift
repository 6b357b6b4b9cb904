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
        /// The settings it takes.
        package var settings: [Setting]
        fileprivate var make: @Sendable (Chosen) -> any Framer
        var recognises: @Sendable (Span<UInt8>, Span<UInt8>) -> Recognition
    }

    /// A setting and the values that it may have.
    package struct Setting: Hashable, Sendable {
        package enum Values: Hashable, Sendable {
            /// One of these.
            case names([String], default: String)
            /// A whole number.
            case number(ClosedRange<Int>, default: Int)
        }

        package var key: String
        package var values: Values

        package init<Name: RawRepresentable & CaseIterable>(_ key: String, default value: Name)
        where Name.RawValue == String {
            self.key = key
            values = .names(Name.allCases.map(\.rawValue), default: value.rawValue)
        }

        package init(_ key: String, _ range: ClosedRange<Int>, default value: Int) {
            self.key = key
            values = .number(range, default: value)
        }

        /// The value where none is given.
        package var standard: String {
            switch values {
            case .names(_, let value): value
            case .number(_, let value): String(value)
            }
        }

        /// What may be written, in words: `order or none`, `a number from 0 to 255`.
        package var allowed: String {
            switch values {
            case .names(let names, _):
                names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
            case .number(let range, _):
                "a number from \(range.lowerBound) to \(range.upperBound)"
            }
        }

        fileprivate func allows(_ value: String) -> Bool {
            switch values {
            case .names(let names, _): names.contains(value)
            case .number(let range, _): Int(value).map(range.contains) ?? false
            }
        }
    }

    /// The values that a framer is made with: those given, and the standard ones.
    fileprivate struct Chosen {
        var settings: [Setting]
        var given: [FramerSettings.Setting]

        func name<Name: RawRepresentable>(_ key: String) -> Name where Name.RawValue == String {
            guard let name = Name(rawValue: text(key)) else {
                preconditionFailure("the values of \(key) are not those that were checked")
            }
            return name
        }

        func number(_ key: String) -> Int {
            guard let number = Int(text(key)) else {
                preconditionFailure("\(key) is not the number that was checked")
            }
            return number
        }

        private func text(_ key: String) -> String {
            given.first { $0.key == key }?.value
                ?? settings.first { $0.key == key }?.standard ?? ""
        }
    }

    /// In the order in which they are tried on a connection's first bytes.
    package static let all: [Listing] = [
        Listing(
            name: HTTP1Framer.name, summary: "HTTP/1.0 and HTTP/1.1", settings: [],
            make: { _ in HTTP1Framer() },
            recognises: { HTTP1Framer.recognises(upstream: $0, downstream: $1) }),
        Listing(
            name: PostgreSQLFramer.name, summary: "PostgreSQL's protocol 3", settings: [],
            make: { _ in PostgreSQLFramer() },
            recognises: { PostgreSQLFramer.recognises(upstream: $0, downstream: $1) }),
        Listing(
            name: RedisFramer.name, summary: "Redis and its kin: RESP2 and RESP3", settings: [],
            make: { _ in RedisFramer() },
            recognises: { RedisFramer.recognises(upstream: $0, downstream: $1) }),
        Listing(
            name: LineFramer.name, summary: "lines of text; one line answers one, or none does",
            settings: [Setting("pairing", default: Pairing.order)],
            make: { LineFramer(pairing: $0.name("pairing")) },
            recognises: { LineFramer.recognises(upstream: $0, downstream: $1) }),
        Listing(
            name: LengthPrefixedFramer.name,
            summary: "messages that say their length in a field at their front",
            settings: LengthPrefixedFramer.settings,
            make: { chosen in
                LengthPrefixedFramer(
                    offset: chosen.number("offset"), width: chosen.name("width"),
                    endianness: chosen.name("endianness"), counts: chosen.name("counts"),
                    adjustment: chosen.number("adjustment"), pairing: chosen.name("pairing"))
            },
            recognises: { _, _ in .no }),
    ]

    /// Names that are taken by protocols to come.
    package static let reserved = [
        "http2", "mysql", "kafka", "mqtt", "amqp", "nats", "memcached",
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
            guard known.allows(setting.value) else {
                throw .badValue(
                    framer: wanted.name, key: setting.key, value: setting.value,
                    allowed: known.allowed)
            }
        }
        return listing.make(Chosen(settings: listing.settings, given: wanted.settings))
    }
}
