/// A value with the way to it, for what people write: `plan.json:7: rules[2].latency: …`.
///
/// Each accessor throws an error with that place where the value is of another kind.
package struct JSONField: Sendable {
    package let value: JSONValue
    /// As it was given on the command line.
    package let file: String
    /// From the text's outermost value: `rules[2].latency`; empty for that value itself.
    package let path: String

    package init(_ value: JSONValue, file: String, path: String = "") {
        self.value = value
        self.file = file
        self.path = path
    }

    /// Reads a text's outermost value.
    /// - Parameter firstLine: the line that the text begins at, for one line of a longer file.
    package init(
        reading bytes: [UInt8], file: String, firstLine: Int = 1, limits: JSONLimits = JSONLimits()
    ) throws(DocumentError) {
        do throws(JSONError) {
            let value = try JSONReader.read(bytes, firstLine: firstLine, limits: limits)
            self.init(value, file: file)
        } catch {
            throw DocumentError(
                file: file, line: error.place.line, column: error.place.column,
                message: error.message)
        }
    }

    package func string() throws(DocumentError) -> String {
        guard let string = value.string else { throw wrongKind("a string in double quotes") }
        return string
    }

    package func bool() throws(DocumentError) -> Bool {
        guard let bool = value.bool else { throw wrongKind("true or false") }
        return bool
    }

    /// A whole number.
    package func count(
        in range: ClosedRange<UInt64> = 0...UInt64.max
    ) throws(DocumentError) -> UInt64 {
        guard let number = value.number else { throw wrongKind("a whole number") }
        guard let count = number.uint64, range.contains(count) else {
            throw error(
                "\(number.text) is out of range; write a whole number from \(range.lowerBound)"
                    + " to \(range.upperBound)")
        }
        return count
    }

    /// A whole number that may be negative.
    package func integer(
        in range: ClosedRange<Int64> = Int64.min...Int64.max
    ) throws(DocumentError) -> Int64 {
        guard let number = value.number else { throw wrongKind("a whole number") }
        guard let integer = number.int64, range.contains(integer) else {
            throw error(
                "\(number.text) is out of range; write a whole number from \(range.lowerBound)"
                    + " to \(range.upperBound)")
        }
        return integer
    }

    /// This value; nil where it is null.
    package var ifNotNull: JSONField? { value.isNull ? nil : self }

    /// An amount with its unit, in a string. A number without one gets the error that says so.
    package func quantity<Amount: Quantity>(
        _ type: Amount.Type = Amount.self
    ) throws(DocumentError) -> Amount {
        guard let text = value.string ?? value.number?.text else {
            throw wrongKind("\(Amount.noun) like \"\(Amount.example)\"")
        }
        do throws(QuantityError) {
            return try Amount(parsing: text)
        } catch {
            throw self.error(error.description)
        }
    }

    /// One of some names; another gets the nearest.
    package func name(among names: [String], noun: String) throws(DocumentError) -> String {
        let name = try string()
        guard names.contains(name) else { throw unknown(name, among: names, noun: noun) }
        return name
    }

    package func elements() throws(DocumentError) -> [JSONField] {
        guard let array = value.array else { throw wrongKind("a list") }
        return array.enumerated().map { index, element in
            JSONField(element, file: file, path: "\(path)[\(index)]")
        }
    }

    package func object() throws(DocumentError) -> JSONFields {
        guard let object = value.object else { throw wrongKind("an object") }
        return JSONFields(object, of: self)
    }

    /// What is wrong with this value, with its place.
    package func error(_ message: String) -> DocumentError {
        DocumentError(file: file, line: value.place.line, path: path, message: message)
    }

    /// A name that is not known, with the nearest.
    package func unknown(_ name: String, among names: [String], noun: String) -> DocumentError {
        let advice =
            nearest(name, among: names).map { "did you mean \"\($0)\"?" }
            ?? "write one of \(names.joined(separator: ", "))"
        return error("no \(noun) is named \"\(EscapedText(name, limit: 60))\"; \(advice)")
    }

    private func wrongKind(_ wanted: String) -> DocumentError {
        error("\(value.kind) stands here; write \(wanted)")
    }
}

/// What is wrong in a file that someone wrote, and where.
package struct DocumentError: Error, Hashable, Sendable, CustomStringConvertible {
    package var file: String
    /// From 1; 0 where the whole file is meant.
    package var line: Int
    /// Only where the text is not JSON at all; else the path is said.
    package var column: Int?
    package var path: String
    package var message: String

    package init(
        file: String, line: Int = 0, column: Int? = nil, path: String = "", message: String
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.path = path
        self.message = message
    }

    /// `plan.json:7: rules[2].latency: "20" has no unit; write "20ms"`.
    package var description: String {
        var text = file
        if line > 0 { text += ":\(line)" }
        if let column { text += ":\(column)" }
        if !path.isEmpty { text += ": \(path)" }
        return "\(text): \(message)"
    }
}
