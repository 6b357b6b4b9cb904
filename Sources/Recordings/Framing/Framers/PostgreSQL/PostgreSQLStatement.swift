/// What a simple query says by its first words, as far as it matters here.
///
/// Only the front of it is looked at, and it is not parsed: statements behind the first one, a
/// comment in front of it, and what functions or prepared statements do go unnoticed.
struct PostgreSQLStatement {
    /// The longest name that PostgreSQL keeps.
    static let maximumNameBytes = 63
    private static let maximumWords = 256

    private var words: [String] = []
    private var isAlone = true

    /// - Parameters:
    ///   - text: the front of the query.
    ///   - isWhole: whether that is all of it.
    init(_ text: some Sequence<UInt8>, isWhole: Bool) {
        var word: [UInt8] = []
        var isOver = false
        for byte in text where byte != 0 {
            if isOver && !Self.isSpace(byte) { isAlone = false }
            guard byte != UInt8(ascii: ";") else {
                isOver = true
                end(&word)
                continue
            }
            if Self.isPartOfName(byte) { word.append(byte) } else { end(&word) }
            guard words.count < Self.maximumWords else { break }
        }
        end(&word)
        isAlone = isAlone && isWhole
    }

    /// `COPY … FROM STDIN`: its data follow.
    var takesCopyData: Bool {
        guard words.first == "COPY" else { return false }
        return zip(words, words.dropFirst()).contains { $0 == "FROM" && $1 == "STDIN" }
    }

    /// The key of the session state that the statement sets; nil where it sets none.
    var sessionKey: String? {
        guard isAlone, let command = words.first else { return nil }
        let rest = words.dropFirst()
        switch command {
        case "SET": return setKey(rest.first == "SESSION" ? rest.dropFirst() : rest)
        case "RESET": return rest.first.map { "SET \($0)" }
        case "LISTEN", "UNLISTEN": return rest.first.map { "LISTEN \($0)" } ?? "LISTEN"
        case "DISCARD": return rest.first.map { "DISCARD \($0)" }
        default: return nil
        }
    }

    private func setKey(_ rest: ArraySlice<String>) -> String? {
        guard let name = rest.first, !["LOCAL", "TRANSACTION", "CONSTRAINTS"].contains(name) else {
            return nil
        }
        return "SET " + (name == "TIME" ? "TIMEZONE" : name)
    }

    private mutating func end(_ word: inout [UInt8]) {
        guard !word.isEmpty else { return }
        // A longer one is no name, and a literal may be all but endless.
        words.append(
            String(decoding: word.prefix(Self.maximumNameBytes), as: UTF8.self).uppercased())
        word.removeAll(keepingCapacity: true)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte)
    }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"),
            UInt8(ascii: "."), UInt8(ascii: "\""), 0x80...0xff:
            true
        default: false
        }
    }
}
