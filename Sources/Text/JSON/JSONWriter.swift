/// Writes JSON as it goes, without building a value first.
///
/// ```swift
/// var line = JSONWriter()
/// line.object { line in
///     line.member("type", "answer")
///     line.member("t_ns", 123)
/// }
/// line.endLine()
/// ```
/// What is written is one line in the compact style; in the pretty style each member has its own.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    private let style: Style
    private var depth = 0
    /// Whether a comma is owed before the next value or name.
    private var isAfterValue = false

    /// How it is laid out.
    package enum Style: Sendable {
        /// No spaces, no line ends.
        case compact
        /// A member a line, indented by two spaces.
        case pretty
    }

    package init(_ style: Style = .compact) { self.style = style }

    /// A whole document: one object that begins with its version, with its line's end.
    package static func document(
        version: some JSONWritable, _ style: Style = .compact, _ body: (inout JSONWriter) -> Void
    ) -> String {
        var writer = JSONWriter(style)
        writer.object { object in
            object.member("version", version)
            body(&object)
        }
        writer.endLine()
        return writer.text
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Ends the line and begins anew, for JSON Lines.
    package mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
        isAfterValue = false
    }

    /// Takes what was written out, so that the buffer is used again.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        isAfterValue = false
    }

    /// Writes an object; `body` writes its members, each name once.
    package mutating func object(_ body: (inout JSONWriter) -> Void) {
        nest("{", "}", body)
    }

    /// Writes a list; `body` writes its elements.
    package mutating func array(_ body: (inout JSONWriter) -> Void) {
        nest("[", "]", body)
    }

    /// Writes the name of a member; its value follows.
    package mutating func key(_ name: String) {
        beginValue()
        appendQuoted(name.utf8.span)
        bytes += (style == .pretty ? ": " : ":").utf8
        isAfterValue = false
        isAfterKey = true
    }

    package mutating func member(_ name: String, _ value: some JSONWritable) {
        key(name)
        value.write(to: &self)
    }

    /// Nothing, where there is no value.
    package mutating func member(_ name: String, ifPresent value: (some JSONWritable)?) {
        if let value { member(name, value) }
    }

    package mutating func member(_ name: String, object body: (inout JSONWriter) -> Void) {
        key(name)
        object(body)
    }

    package mutating func member(_ name: String, array body: (inout JSONWriter) -> Void) {
        key(name)
        array(body)
    }

    /// Writes a list of objects, one for each element; `body` writes its members.
    package mutating func member<Element>(
        _ name: String, objects elements: some Sequence<Element>,
        _ body: (Element, inout JSONWriter) -> Void
    ) {
        member(
            name,
            array: { list in
                for element in elements { list.object { body(element, &$0) } }
            })
    }

    package mutating func value(_ value: some JSONWritable) { value.write(to: &self) }

    /// Writes bytes as a string; each that is not valid UTF-8 becomes U+FFFD. Where they must be
    /// told apart, write an `EscapedText`.
    package mutating func string(utf8 text: Span<UInt8>) {
        beginValue()
        appendQuoted(text)
        isAfterValue = true
    }

    /// Writes what is JSON already.
    mutating func literal(_ text: String) {
        beginValue()
        bytes += text.utf8
        isAfterValue = true
    }

    private var isAfterKey = false

    private mutating func nest(
        _ open: String, _ close: String, _ body: (inout JSONWriter) -> Void
    ) {
        beginValue()
        bytes += open.utf8
        depth += 1
        isAfterValue = false
        body(&self)
        depth -= 1
        if isAfterValue { breakLine() }
        bytes += close.utf8
        isAfterValue = true
    }

    private mutating func beginValue() {
        if isAfterKey {
            isAfterKey = false
            return
        }
        if isAfterValue { bytes.append(UInt8(ascii: ",")) }
        if depth > 0 { breakLine() }
    }

    private mutating func breakLine() {
        guard style == .pretty else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes += repeatElement(UInt8(ascii: " "), count: 2 * depth)
    }
}

extension JSONWriter {
    private mutating func appendQuoted(_ text: Span<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        var index = 0
        while index < text.count {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case 0x08: bytes += "\\b".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x0a: bytes += "\\n".utf8
            case 0x0c: bytes += "\\f".utf8
            case 0x0d: bytes += "\\r".utf8
            case 0..<0x20, 0x7f: appendEscape(byte)
            case 0x20..<0x7f: bytes.append(byte)
            default:
                index += appendCharacter(text, at: index)
                continue
            }
            index += 1
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes what begins at `index`, beyond ASCII.
    /// - Returns: how many bytes that took.
    private mutating func appendCharacter(_ text: Span<UInt8>, at index: Int) -> Int {
        let length = utf8Length(text, at: index)
        guard length > 0 else {
            bytes += "\\ufffd".utf8
            return 1
        }
        // Terminals act on the control characters from U+0080 to U+009F too.
        if text[index] == 0xc2, text[index + 1] < 0xa0 {
            appendEscape(text[index + 1])
        } else {
            for place in index..<(index + length) { bytes.append(text[place]) }
        }
        return length
    }

    private mutating func appendEscape(_ byte: UInt8) {
        bytes += "\\u00".utf8
        bytes += [hex(byte >> 4), hex(byte & 15)]
    }
}
