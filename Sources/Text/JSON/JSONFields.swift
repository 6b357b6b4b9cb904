/// The members of an object, taken one by one by the names that its reader knows.
///
/// `finish` complains of what was not taken, and proposes the nearest of the names that were asked
/// for.
package struct JSONFields: Sendable {
    /// The object itself.
    package let whole: JSONField
    private var rest: [String: Int] = [:]
    private let members: [JSONObject.Member]
    private var asked: [String] = []

    init(_ object: JSONObject, of whole: JSONField) {
        self.whole = whole
        members = object.members
        for (index, member) in members.enumerated() { rest[member.key] = index }
    }

    /// The member of that name; nil where there is none.
    package mutating func take(_ key: String) -> JSONField? {
        asked.append(key)
        guard let index = rest.removeValue(forKey: key) else { return nil }
        return field(members[index])
    }

    /// The member of that name, which must be there.
    package mutating func require(_ key: String) throws(DocumentError) -> JSONField {
        guard let field = take(key) else {
            // A mistyped name is the likelier reason for one that is missing.
            let unknown = members.first {
                rest[$0.key] != nil && nearest($0.key, among: [key]) == key
            }
            if let unknown { throw complaint(unknown, among: [key]) }
            throw whole.error("\"\(key)\" is missing; add it")
        }
        return field
    }

    /// What no one took, in order; for objects whose names are not fixed.
    package mutating func takeRest() -> [(key: String, field: JSONField)] {
        let left = members.filter { rest[$0.key] != nil }
        rest = [:]
        return left.map { ($0.key, field($0)) }
    }

    /// Every member must have been taken.
    /// - Parameter others: further names to propose, which no one asked for.
    package func finish(proposing others: [String] = []) throws(DocumentError) {
        guard let unknown = members.first(where: { rest[$0.key] != nil }) else { return }
        throw complaint(unknown, among: asked + others)
    }

    private func complaint(_ member: JSONObject.Member, among names: [String]) -> DocumentError {
        let advice =
            nearest(member.key, among: names).map { "did you mean \"\($0)\"?" }
            ?? "leave it out, or write one of \(names.joined(separator: ", "))"
        return DocumentError(
            file: whole.file, line: member.place.line, path: field(member).path,
            message: "this name is not known here; \(advice)")
    }

    private func field(_ member: JSONObject.Member) -> JSONField {
        let name = Self.pathName(member.key)
        let path =
            whole.path.isEmpty || name.hasPrefix("[") ? whole.path + name : "\(whole.path).\(name)"
        return JSONField(member.value, file: whole.file, path: path)
    }

    /// A plain name as it is, another one in brackets and quotes.
    private static func pathName(_ key: String) -> String {
        let isPlain =
            !key.isEmpty && key.utf8.count <= 40
            && key.utf8.allSatisfy { byte in
                isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
                    || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
            }
        return isPlain ? key : "[\"\(EscapedText(key, limit: 40))\"]"
    }
}
