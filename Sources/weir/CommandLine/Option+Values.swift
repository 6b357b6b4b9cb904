import Platform
import Text

extension Option where Value: Quantity {
    /// An amount with its unit: `--jitter 20ms`.
    static func quantity(
        _ name: String, _ placeholder: String, _ help: String, default: String? = nil
    ) -> Option {
        Option(name, placeholder, help, default: `default`) { try Value(parsing: $0) }
    }
}

extension Option where Value == UInt64 {
    /// A whole number.
    static func count(
        _ name: String, _ placeholder: String, _ help: String,
        in range: ClosedRange<UInt64> = 0...UInt64.max, default: String? = nil
    ) -> Option {
        Option(name, placeholder, help, default: `default`) { try parseCount($0, in: range) }
    }
}

extension Option where Value == String {
    /// Text that is taken as it is; it may be anything but empty.
    static func text(
        _ name: String, _ placeholder: String, _ help: String, default: String? = nil
    ) -> Option {
        Option(name, placeholder, help, default: `default`) { text in
            guard !text.isEmpty else { throw UsageError("it is empty; write a value") }
            return text
        }
    }
}

extension Option where Value: RawRepresentable<String> & CaseIterable {
    /// One of the type's names.
    static func choice(
        _ name: String, _ placeholder: String, _ help: String, default: String? = nil
    ) -> Option {
        let names = Value.allCases.map(\.rawValue)
        return Option(
            name, placeholder, help, default: `default`, completion: .words(names)
        ) { text in
            guard let value = Value(rawValue: text) else {
                let advice = nearest(text, among: names).map { "did you mean \"\($0)\"?" }
                throw UsageError(
                    "there is no \"\(EscapedText(text, limit: 60))\"; "
                        + (advice ?? "write \(names.joined(separator: " or "))"))
            }
            return value
        }
    }
}

extension Option where Value == FileArgument {
    /// A file's path, or `-`.
    static func file(
        _ name: String, short: Character? = nil, _ placeholder: String, _ help: String,
        default: String? = nil
    ) -> Option {
        Option(
            name, short: short, placeholder, help, default: `default`, completion: .file
        ) { text in try FileArgument(parsing: text) }
    }
}

extension Option where Value == AddressText {
    /// An address, understood but not looked up.
    static func address(_ name: String, _ placeholder: String, _ help: String) -> Option {
        Option(name, placeholder, help) { try AddressText($0) }
    }
}

/// A file that an argument names.
enum FileArgument: Hashable, Sendable, CustomStringConvertible {
    /// `-`: standard input or output.
    case standard
    case path(String)

    init(parsing text: String) throws(UsageError) {
        guard !text.isEmpty else { throw UsageError("the path is empty; write a file's, or -") }
        self = text == "-" ? .standard : .path(text)
    }

    var description: String {
        switch self {
        case .standard: "-"
        case .path(let path): path
        }
    }
}
