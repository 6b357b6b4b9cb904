/// Reads JSON as RFC 8259 has it and nothing beyond: no comments, no repeated names, no bytes that
/// are not UTF-8. Whatever it is given, it ends with a value or an error that names the place.
package struct JSONReader {
    private let bytes: [UInt8]
    private let limits: JSONLimits
    private var index = 0
    private var line: Int
    private var lineStart = 0
    /// Bytes of this line that are not the first of their character.
    private var continuations = 0
    private var values = 0

    /// Reads one value that fills the text.
    /// - Parameter firstLine: the line that the text begins at, for one line of a longer file.
    package static func read(
        _ bytes: [UInt8], firstLine: Int = 1, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes, firstLine: firstLine, limits: limits)
        guard bytes.count <= limits.bytes else {
            throw reader.error("has more than \(ByteCount(bytes: UInt64(limits.bytes)))")
        }
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
            throw reader.error("begins with a byte order mark; save it as UTF-8 without one")
        }
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.peek == nil else {
            throw reader.error("\(reader.found) after the value's end")
        }
        return value
    }

    /// Reads one value that fills the text.
    package static func read(
        _ text: String, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> JSONValue {
        try read(Array(text.utf8), limits: limits)
    }

    private init(_ bytes: [UInt8], firstLine: Int, limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
        line = firstLine
    }
}

/// What a reader takes at most.
package struct JSONLimits: Sendable {
    /// Lists and objects within each other.
    package var depth: Int
    /// Of the whole text.
    package var bytes: Int
    /// Values in the whole text, each list and object counted too.
    package var values: Int

    /// - Parameter depth: clamped to `deepest`, which the call stack bears.
    package init(depth: Int = 64, bytes: Int = 16 << 20, values: Int = 1_000_000) {
        self.depth = min(depth, Self.deepest)
        self.bytes = bytes
        self.values = values
    }

    package static let deepest = 512
}

/// Why a text is not JSON, and where.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    package var place: JSONPlace
    package var message: String

    package init(_ message: String, at place: JSONPlace) {
        self.place = place
        self.message = message
    }

    package var description: String { "line \(place.line), column \(place.column): \(message)" }
}

extension JSONReader {
    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private var place: JSONPlace {
        JSONPlace(line: line, column: index - lineStart - continuations + 1)
    }

    private func error(_ message: String) -> JSONError { JSONError(message, at: place) }

    /// What stands here, for messages.
    private var found: String {
        guard let byte = peek else { return "the text ends" }
        return "\"\(EscapedText([byte].span))\" stands"
    }

    private mutating func skipSpace() {
        while let byte = peek {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): index += 1
            case UInt8(ascii: "\n"):
                index += 1
                line += 1
                lineStart = index
                continuations = 0
            default: return
            }
        }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipSpace()
        values += 1
        guard values <= limits.values else {
            throw error("there are more than \(limits.values) values")
        }
        let start = place
        let content: JSONValue.Content
        switch peek {
        case UInt8(ascii: "{"): content = .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): content = .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): content = .string(try string())
        case UInt8(ascii: "t"): content = try word("true", .bool(true))
        case UInt8(ascii: "f"): content = try word("false", .bool(false))
        case UInt8(ascii: "n"): content = try word("null", .null)
        case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
            content = .number(try number())
        default: throw error("\(found) where a value belongs")
        }
        return JSONValue(content, at: start)
    }

    private mutating func word(
        _ word: String, _ content: JSONValue.Content
    ) throws(JSONError) -> JSONValue.Content {
        guard bytes[index...].starts(with: word.utf8) else {
            throw error("\(found) where a value belongs; write true, false or null")
        }
        index += word.utf8.count
        return content
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        try open(depth: depth)
        var elements: [JSONValue] = []
        if close(UInt8(ascii: "]")) { return elements }
        repeat {
            elements.append(try value(depth: depth))
        } while try another(before: UInt8(ascii: "]"), "]")
        return elements
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        try open(depth: depth)
        var members: [JSONObject.Member] = []
        var names: Set<String> = []
        if close(UInt8(ascii: "}")) { return JSONObject() }
        repeat {
            skipSpace()
            let start = place
            guard peek == UInt8(ascii: "\"") else {
                throw error("\(found) where a name in double quotes belongs")
            }
            let name = try string()
            guard names.insert(name).inserted else {
                throw JSONError(
                    "the name \"\(EscapedText(name, limit: 60))\" is repeated; write it once",
                    at: start)
            }
            skipSpace()
            guard close(UInt8(ascii: ":")) else {
                throw error("\(found) where \":\" belongs")
            }
            let value = try value(depth: depth)
            members.append(JSONObject.Member(key: name, value: value, place: start))
        } while try another(before: UInt8(ascii: "}"), "}")
        return JSONObject(distinct: members)
    }

    private mutating func open(depth: Int) throws(JSONError) {
        guard depth <= limits.depth else {
            throw error("more than \(limits.depth) lists and objects stand within each other")
        }
        index += 1
    }

    /// Steps over that byte, where it is the next.
    private mutating func close(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek == byte else { return false }
        index += 1
        return true
    }

    /// Whether a comma announces one more.
    private mutating func another(before end: UInt8, _ name: String) throws(JSONError) -> Bool {
        if close(end) { return false }
        guard close(UInt8(ascii: ",")) else {
            throw error("\(found) where \",\" or \"\(name)\" belongs")
        }
        return true
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = index
        if peek == UInt8(ascii: "-") { index += 1 }
        if peek == UInt8(ascii: "0") {
            index += 1
            if let byte = peek, isDigit(byte) { throw error("a number begins with 0") }
        } else {
            try digits()
        }
        if peek == UInt8(ascii: ".") {
            index += 1
            try digits()
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            index += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { index += 1 }
            try digits()
        }
        return JSONNumber(checked: String(decoding: bytes[start..<index], as: UTF8.self))
    }

    private mutating func digits() throws(JSONError) {
        guard let byte = peek, isDigit(byte) else { throw error("\(found) where a digit belongs") }
        while let byte = peek, isDigit(byte) { index += 1 }
    }
}

extension JSONReader {
    private mutating func string() throws(JSONError) -> String {
        index += 1
        var text: [UInt8] = []
        var runStart = index
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                text += bytes[runStart..<index]
                index += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                text += bytes[runStart..<index]
                try escape(into: &text)
                runStart = index
            case 0..<0x20:
                throw error("a control character stands in a string; write it as \\u00NN")
            case 0x20..<0x80: index += 1
            default:
                let length = utf8Length(bytes.span, at: index)
                guard length > 0 else { throw error("a string is not valid UTF-8") }
                index += length
                continuations += length - 1
            }
        }
        throw error("the text ends within a string")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        let start = place
        index += 1
        guard let byte = peek else { throw error("the text ends within a string") }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            guard let scalar = try unicodeEscape() else {
                throw JSONError("half of a surrogate pair stands in a string", at: start)
            }
            text += String(Character(scalar)).utf8
        default: throw JSONError("an escape is not one that JSON knows", at: start)
        }
    }

    /// The character of `\u00e9` or `\ud83d\ude00`; nil for half a pair.
    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar? {
        let unit = try hexUnit()
        guard 0xd800..<0xdc00 ~= unit else { return Unicode.Scalar(unit) }
        guard bytes[index...].starts(with: "\\u".utf8) else { return nil }
        index += 2
        let second = try hexUnit()
        guard 0xdc00..<0xe000 ~= second else { return nil }
        return Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (second - 0xdc00))
    }

    private mutating func hexUnit() throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error("\(found) where a hexadecimal digit belongs")
            }
            unit = unit << 4 | UInt32(digit)
            index += 1
        }
        return unit
    }
}
