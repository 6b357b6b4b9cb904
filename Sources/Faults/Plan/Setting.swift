import Text

/// One setting of a fault, a target or a worked-out strike: its key, how it is read and written,
/// and what the help says of it. The grammar, the errors and the help all come from this.
package struct Setting<Root: Sendable>: Sendable {
    package let key: String
    /// How a value is written: `20ms`, `rst|fin|half-close`.
    package let form: String
    /// A line for the help.
    package let meaning: String
    /// Whether there is no default.
    package let isRequired: Bool
    /// In JSON it is a number, not a string.
    let isNumber: Bool
    let read: @Sendable (String, inout Root) throws(SettingProblem) -> Void
    /// nil: it is not set.
    let write: @Sendable (Root) -> String?
}

extension Setting {
    /// What it is when it is not said, as it is written; nil where that is nothing.
    package func defaultText(in root: Root) -> String? { write(root) }
}

/// What is wrong with a setting's value, and what to write instead; the place is said elsewhere.
struct SettingProblem: Error, Hashable {
    var message: String
}

extension Setting {
    /// An amount with its unit.
    static func amount<Amount: Quantity & Comparable>(
        _ key: String, _ path: WritableKeyPath<Root, Amount> & Sendable,
        atLeast least: Amount? = nil, atMost most: Amount? = nil, isRequired: Bool = false,
        _ meaning: String
    ) -> Setting {
        Setting(
            key: key, form: Amount.example, meaning: meaning, isRequired: isRequired,
            isNumber: false,
            read: { (text, root) throws(SettingProblem) in
                let amount = try quantity(text) as Amount
                if let most, amount > most {
                    throw SettingProblem(
                        message: "\"\(EscapedText(text, limit: 60))\" is too much; "
                            + "write at most \"\(most)\"")
                }
                if let least, amount < least {
                    throw SettingProblem(
                        message: "\"\(EscapedText(text, limit: 60))\" is too little; "
                            + "write at least \"\(least)\"")
                }
                root[keyPath: path] = amount
            },
            write: { $0[keyPath: path].description })
    }

    /// An amount that need not be there.
    static func optional<Amount: Quantity>(
        _ key: String, _ path: WritableKeyPath<Root, Amount?> & Sendable, _ meaning: String
    ) -> Setting {
        Setting(
            key: key, form: Amount.example, meaning: meaning, isRequired: false, isNumber: false,
            read: { (text, root) throws(SettingProblem) in
                root[keyPath: path] = try quantity(text) as Amount
            },
            write: { $0[keyPath: path]?.description })
    }

    /// A whole number.
    static func count(
        _ key: String, _ path: WritableKeyPath<Root, UInt64> & Sendable,
        in range: ClosedRange<UInt64>, isRequired: Bool = false, _ meaning: String
    ) -> Setting {
        Setting(
            key: key, form: "\(range.lowerBound)", meaning: meaning, isRequired: isRequired,
            isNumber: true,
            read: { (text, root) throws(SettingProblem) in
                root[keyPath: path] = try number(text, in: range)
            },
            write: { "\($0[keyPath: path])" })
    }

    /// A whole number that need not be there.
    static func optionalCount(
        _ key: String, _ path: WritableKeyPath<Root, UInt64?> & Sendable,
        in range: ClosedRange<UInt64>, _ meaning: String
    ) -> Setting {
        Setting(
            key: key, form: "\(range.lowerBound)", meaning: meaning, isRequired: false,
            isNumber: true,
            read: { (text, root) throws(SettingProblem) in
                root[keyPath: path] = try number(text, in: range)
            },
            write: { root in root[keyPath: path].map { "\($0)" } })
    }

    /// One of some words.
    /// - Parameter later: words that will be there, and are not yet.
    static func choice<Choice>(
        _ key: String, _ path: WritableKeyPath<Root, Choice> & Sendable, later: [String] = [],
        _ meaning: String
    ) -> Setting where Choice: RawRepresentable<String> & CaseIterable & SendableMetatype {
        let words = Choice.allCases.map(\.rawValue)
        return Setting(
            key: key, form: words.joined(separator: "|"), meaning: meaning, isRequired: false,
            isNumber: false,
            read: { (text, root) throws(SettingProblem) in
                guard let choice = Choice(rawValue: text) else {
                    throw unknownWord(text, words, later: later)
                }
                root[keyPath: path] = choice
            },
            write: { $0[keyPath: path].rawValue })
    }

    /// Anything else.
    static func custom(
        _ key: String, form: String, isRequired: Bool = false, _ meaning: String,
        read: @escaping @Sendable (String, inout Root) throws(SettingProblem) -> Void,
        write: @escaping @Sendable (Root) -> String?
    ) -> Setting {
        Setting(
            key: key, form: form, meaning: meaning, isRequired: isRequired, isNumber: false,
            read: read, write: write)
    }
}

/// Reads an amount; the error says what is wrong and what to write.
func quantity<Amount: Quantity>(_ text: String) throws(SettingProblem) -> Amount {
    do throws(QuantityError) {
        return try Amount(parsing: text)
    } catch {
        throw SettingProblem(message: error.description)
    }
}

private func number(
    _ text: String, in range: ClosedRange<UInt64>
) throws(SettingProblem) -> UInt64 {
    do throws(QuantityError) {
        return try parseCount(text, in: range)
    } catch {
        throw SettingProblem(message: error.description)
    }
}

/// A word that is none of those that are there.
func unknownWord(_ text: String, _ words: [String], later: [String] = []) -> SettingProblem {
    let shown = EscapedText(text, limit: 60)
    let list = alternatives(words)
    if later.contains(text) {
        return SettingProblem(message: "\"\(shown)\" is not there yet; write \(list)")
    }
    let advice = nearest(text, among: words).map { "did you mean \"\($0)\"?" } ?? "write \(list)"
    return SettingProblem(message: "\"\(shown)\" is not known here; \(advice)")
}

/// `rst, fin or half-close`.
func alternatives(_ words: [String]) -> String {
    guard words.count > 1, let last = words.last else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
}
