import Text

/// A protocol by name, with its settings: `redis`, `line:pairing=none`.
///
/// It is what `--protocol` takes and what a recording's header keeps. Several settings are
/// separated by commas.
package struct FramerSettings: Hashable, Sendable, CustomStringConvertible {
    package struct Setting: Hashable, Sendable {
        package var key: String
        package var value: String

        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    package var name: String
    package var settings: [Setting]

    package init(name: String, settings: [Setting] = []) {
        self.name = name
        self.settings = settings
    }

    /// Reads the text's form; whether the name and settings exist is known to `Framers.make`.
    package init(parsing text: String) throws(FramerError) {
        guard let colon = text.firstIndex(of: ":") else {
            self.init(name: text)
            return
        }
        self.init(name: String(text[..<colon]))
        let list = text[text.index(after: colon)...]
        for item in list.split(separator: ",", omittingEmptySubsequences: false) {
            guard let equals = item.firstIndex(of: "="), equals != item.startIndex else {
                throw .malformed(text: text)
            }
            let key = String(item[..<equals])
            guard !settings.contains(where: { $0.key == key }) else {
                throw .repeatedSetting(framer: name, key: key)
            }
            let value = String(item[item.index(after: equals)...])
            settings.append(Setting(key: key, value: value))
        }
    }

    /// The form that `init(parsing:)` reads.
    package var description: String {
        guard !settings.isEmpty else { return name }
        return name + ":" + settings.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
}

/// Whether and how connections are read as messages.
package enum FramingChoice: Hashable, Sendable, CustomStringConvertible {
    /// `none`: bytes only.
    case none
    case framer(FramerSettings)

    /// Reads what `--protocol` takes, and makes sure that there is such a framer.
    package init(parsing text: String) throws(FramerError) {
        guard text != "none" else {
            self = .none
            return
        }
        let settings = try FramerSettings(parsing: text)
        _ = try Framers.make(settings)
        self = .framer(settings)
    }

    /// A new framer for one connection; nil where its bytes are not read as messages.
    package func makeFramer(
        units: MessageUnits = .messages
    ) throws(FramerError) -> (any Framer)? {
        if units == .chunks { return ChunkFramer() }
        switch self {
        case .none: return nil
        case .framer(let settings): return try Framers.make(settings)
        }
    }

    package var description: String {
        switch self {
        case .none: "none"
        case .framer(let settings): settings.description
        }
    }
}

/// What stands for a message.
package enum MessageUnits: String, Hashable, Sendable, CaseIterable {
    /// What the framer says; without one there are none.
    case messages
    /// Each chunk, as it was read.
    case chunks
}

/// What is wrong with a protocol's name or settings.
package enum FramerError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownName(String, nearest: String?)
    /// The name of a protocol that Weir will read, and cannot yet.
    case notYet(String)
    case malformed(text: String)
    case unknownSetting(framer: String, key: String, nearest: String?)
    case repeatedSetting(framer: String, key: String)
    case badValue(framer: String, key: String, value: String, allowed: String)

    package var description: String {
        switch self {
        case .unknownName(let name, let nearest):
            "no protocol is named \"\(Self.shown(name))\"; "
                + (nearest.map { "did you mean \"\($0)\"?" } ?? "write \(Self.names)")
        case .notYet(let name):
            "the protocol \(name) cannot be read as messages yet; write \(Self.names)"
        case .malformed(let text):
            "the protocol \"\(Self.shown(text))\" is not understood; "
                + "write it like \"line:pairing=none\""
        case .unknownSetting(let framer, let key, let nearest):
            "the protocol \(framer) has no setting \"\(Self.shown(key))\"; "
                + (nearest.map { "did you mean \"\($0)\"?" } ?? "leave it out")
        case .repeatedSetting(let framer, let key):
            "the protocol \(Self.shown(framer)) is given \(Self.shown(key)) twice; write it once"
        case .badValue(let framer, let key, let value, let allowed):
            "\(framer): \(key) cannot be \"\(Self.shown(value))\"; write \(allowed)"
        }
    }

    /// What someone wrote may hold anything.
    private static func shown(_ text: String) -> EscapedText { EscapedText(text, limit: 60) }

    private static var names: String {
        (Framers.all.map(\.name) + ["none"]).joined(separator: ", ")
    }
}
