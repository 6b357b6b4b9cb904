/// Where in messages of a kind a token stands, so that the same field is found in another message.
///
/// A field has the last name before it on its line: a word that begins with a letter, behind which
/// a colon or an equals sign stands (`Date: …`, `"id":"…"`, `seq=…`). Tokens count from there. A
/// token without such a name counts from its line's start, and the line from the message's.
struct FieldName: Hashable, Sendable {
    /// Names are told apart by their first so many bytes.
    static let nameBytes = 32

    var name: [UInt8]
    /// 0 where there is a name.
    var line: UInt32
    var position: UInt32

    /// `"id", token 2`, for people.
    var text: String {
        name.isEmpty
            ? "line \(line + 1), token \(position + 1)"
            : "\(String(decoding: name, as: UTF8.self)), token \(position + 1)"
    }
}

/// Walks the tokens of a message and names the field of each.
struct FieldWalk {
    private var name: [UInt8] = []
    private var line: UInt32 = 0
    private var position: UInt32 = 0
    /// The word that becomes the name if a colon or equals sign follows it.
    private var word: Range<Int>?

    /// The field of the next token; to be asked for all tokens of a message in order.
    mutating func next(_ token: Tokens.Token, in bytes: Span<UInt8>) -> FieldName {
        let field = FieldName(
            name: name, line: name.isEmpty ? line : 0, position: position)
        position += 1
        let range = Int(token.start)..<Int(token.end)
        let first = token.isIgnored ? UInt8(ascii: " ") : bytes[range.lowerBound]
        switch first {
        case UInt8(ascii: "\n"):
            line += 1
            startOver(name: [])
        case UInt8(ascii: ":"), UInt8(ascii: "="):
            guard let word else { break }
            let end = min(word.upperBound, word.lowerBound + FieldName.nameBytes)
            startOver(name: (word.lowerBound..<end).map { bytes[$0] })
        case UInt8(ascii: "\""), UInt8(ascii: "'"): break
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
            word = range
        default: word = nil
        }
        return field
    }

    private mutating func startOver(name: [UInt8]) {
        self.name = name
        position = 0
        word = nil
    }
}
