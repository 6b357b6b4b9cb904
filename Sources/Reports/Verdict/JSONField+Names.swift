import Reactions
import Text

/// What the readers of a verdict have in common.
extension JSONField {
    /// One of an enumeration's names.
    func name<Name: NamedInFiles>(of type: Name.Type = Name.self) throws(DocumentError) -> Name {
        let text = try string()
        guard let name = Name(rawValue: text) else {
            throw unknown(text, among: Name.allCases.map(\.rawValue), noun: Name.noun)
        }
        return name
    }

    /// A small count.
    func int() throws(DocumentError) -> Int {
        Int(try integer(in: 0...Int64(Int32.max)))
    }

    /// A list of strings.
    func strings() throws(DocumentError) -> [String] {
        var strings: [String] = []
        for element in try elements() { strings.append(try element.string()) }
        return strings
    }

    /// The members of an object whose names are not fixed.
    func members() throws(DocumentError) -> [(key: String, field: JSONField)] {
        var fields = try object()
        return fields.takeRest()
    }

    /// Bytes that stand as escaped text.
    func bytes() throws(DocumentError) -> [UInt8] {
        guard let bytes = EscapedText.bytes(of: try string()) else {
            throw error(
                "this is no escaped text; write what is not printable as \\r, \\n, \\t or \\xff")
        }
        return bytes
    }
}

/// An enumeration whose raw values are its names in files.
protocol NamedInFiles: RawRepresentable<String>, CaseIterable {
    /// What one of them is called in errors.
    static var noun: String { get }
}

extension Verdict: NamedInFiles {
    static let noun = "verdict"
}

extension Symptom.Kind: NamedInFiles {
    static let noun = "symptom"
}

extension LoudSign.How: NamedInFiles {
    static let noun = "sign"
}
