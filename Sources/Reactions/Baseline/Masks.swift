/// The fields in which clean runs differ, by the kind of message: they are not compared.
struct Masks: Sendable {
    /// A kind of which more fields differ than this is not compared at all.
    static let maximumFields = 4_096

    /// What may stand in a field.
    enum Extent: UInt8, Hashable, Sendable {
        /// Another token.
        case token
        /// Any number of tokens: clean runs had different ones.
        case any
    }

    /// The fields of one kind.
    struct Fields: Sendable {
        fileprivate(set) var extents: [FieldName: Extent] = [:]
        /// Fields behind which some runs have more tokens.
        fileprivate(set) var insertions: Set<FieldName> = []
        fileprivate(set) var isFull = false

        var isEmpty: Bool { extents.isEmpty && insertions.isEmpty && !isFull }

        fileprivate mutating func mask(_ field: FieldName, _ extent: Extent) {
            if extents.count >= Masks.maximumFields, extents[field] == nil {
                isFull = true
            } else if extents[field] != .any {
                extents[field] = extent
            }
        }

        fileprivate mutating func allowInsertion(behind field: FieldName) {
            if insertions.count < Masks.maximumFields {
                insertions.insert(field)
            } else {
                isFull = true
            }
        }
    }

    private(set) var kinds: [String: Fields] = [:]

    subscript(kind: String) -> Fields? { kinds[kind] }

    /// Masks what differs between two contents of clean runs.
    mutating func learn(_ comparison: TokenComparison, kind: String) {
        var fields = kinds[kind] ?? Fields()
        for hunk in comparison.hunks {
            if hunk.expected.isEmpty {
                fields.allowInsertion(behind: comparison.field(before: hunk.expected.lowerBound))
                continue
            }
            let extent: Extent = hunk.expected.count == hunk.actual.count ? .token : .any
            for index in hunk.expected { fields.mask(comparison.fields[index], extent) }
        }
        kinds[kind] = fields
    }
}

extension Masks.Fields {
    /// Whether a token of this field is not compared.
    func masks(_ field: FieldName) -> Bool { isFull || extents[field] != nil }

    /// The fields in words, in order.
    var texts: [String] {
        let fields = extents.keys.map(\.text) + insertions.map { "behind \($0.text)" }
        return isFull ? ["all of it"] : fields.sorted()
    }

    /// Whether a hunk lies in masked fields alone.
    func cover(_ hunk: Alignment.Hunk, in comparison: TokenComparison) -> Bool {
        if hunk.expected.isEmpty {
            return insertions.contains(comparison.field(before: hunk.expected.lowerBound))
        }
        var takesAny = hunk.expected.count == hunk.actual.count
        for index in hunk.expected {
            guard let extent = extents[comparison.fields[index]] else { return false }
            if extent == .any { takesAny = true }
        }
        return takesAny
    }
}
