/// What a `JSONWriter` can write.
package protocol JSONWritable {
    func write(to writer: inout JSONWriter)
}

extension String: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.string(utf8: utf8.span) }
}

extension Bool: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.literal(self ? "true" : "false") }
}

extension JSONWritable where Self: FixedWidthInteger {
    package func write(to writer: inout JSONWriter) { writer.literal("\(self)") }
}

extension Int: JSONWritable {}
extension Int64: JSONWritable {}
extension Int32: JSONWritable {}
extension UInt64: JSONWritable {}
extension UInt32: JSONWritable {}
extension UInt16: JSONWritable {}
extension UInt8: JSONWritable {}

extension Optional: JSONWritable where Wrapped: JSONWritable {
    /// null, where there is none.
    package func write(to writer: inout JSONWriter) {
        if let self { self.write(to: &writer) } else { writer.literal("null") }
    }
}

extension Array: JSONWritable where Element: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.array { writer in
            for element in self { writer.value(element) }
        }
    }
}

extension EscapedText: JSONWritable {
    package func write(to writer: inout JSONWriter) { description.write(to: &writer) }
}

extension Quantity {
    package func write(to writer: inout JSONWriter) { description.write(to: &writer) }
}

extension JSONNumber: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.literal(text) }
}

extension JSONObject: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            for member in members { writer.member(member.key, member.value) }
        }
    }
}

extension JSONValue: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        switch content {
        case .null: writer.literal("null")
        case .bool(let bool): bool.write(to: &writer)
        case .number(let number): number.write(to: &writer)
        case .string(let string): string.write(to: &writer)
        case .array(let array): array.write(to: &writer)
        case .object(let object): object.write(to: &writer)
        }
    }

    /// As text, without a line end.
    package func text(_ style: JSONWriter.Style = .compact) -> String {
        var writer = JSONWriter(style)
        write(to: &writer)
        return writer.text
    }
}
