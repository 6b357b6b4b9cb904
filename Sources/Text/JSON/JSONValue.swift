/// A JSON value that keeps the order of its members, numbers as they were written, and its place.
///
/// Two values are equal where they say the same; where they stand does not count.
package struct JSONValue: Hashable, Sendable {
    package var content: Content
    package var place: JSONPlace

    /// What a value says.
    package enum Content: Hashable, Sendable {
        case null
        case bool(Bool)
        case number(JSONNumber)
        case string(String)
        case array([JSONValue])
        case object(JSONObject)
    }

    package init(_ content: Content, at place: JSONPlace = .nowhere) {
        self.content = content
        self.place = place
    }

    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        left.content == right.content
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(content) }

    package var isNull: Bool { content == .null }

    package var bool: Bool? { if case .bool(let bool) = content { bool } else { nil } }

    package var number: JSONNumber? {
        if case .number(let number) = content { number } else { nil }
    }

    package var string: String? { if case .string(let string) = content { string } else { nil } }

    package var array: [JSONValue]? { if case .array(let array) = content { array } else { nil } }

    package var object: JSONObject? {
        if case .object(let object) = content { object } else { nil }
    }

    /// The member of that name, where this is an object that has one.
    package subscript(key: String) -> JSONValue? { object?[key] }

    /// What kind it is, for messages: `a number`.
    package var kind: String {
        switch content {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// Where a value begins in its text, both counted from 1.
package struct JSONPlace: Hashable, Sendable {
    package var line: Int
    /// In characters, not bytes.
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Of values that no text was read for.
    package static let nowhere = JSONPlace(line: 0, column: 0)
}

/// A number as it was written; nothing is lost to floating point.
package struct JSONNumber: Hashable, Sendable {
    /// As RFC 8259 §6 writes it.
    package let text: String

    package init(_ number: some FixedWidthInteger) { text = "\(number)" }

    /// - Parameter text: what the reader found to be a number.
    init(checked text: String) { self.text = text }

    /// nil where it has a point or an exponent, or is out of range.
    package var int64: Int64? { Int64(text) }

    /// nil where it has a point, an exponent or a sign, or is out of range.
    package var uint64: UInt64? { UInt64(text) }
}

/// Members in order, each name once.
package struct JSONObject: Hashable, Sendable {
    /// A name and its value.
    package struct Member: Hashable, Sendable {
        package var key: String
        package var value: JSONValue
        /// Where the name stands.
        package var place: JSONPlace

        package init(key: String, value: JSONValue, place: JSONPlace = .nowhere) {
            self.key = key
            self.value = value
            self.place = place
        }

        package static func == (left: Member, right: Member) -> Bool {
            left.key == right.key && left.value == right.value
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(key)
            hasher.combine(value)
        }
    }

    package private(set) var members: [Member]

    package init() { members = [] }

    /// - Parameter distinct: members that the reader found to have different names.
    init(distinct members: [Member]) { self.members = members }

    package var keys: [String] { members.map(\.key) }

    /// A new name goes to the end; setting nil takes the member out.
    ///
    /// A linear search: what is read from people has tens of members. Index by name if that grows.
    package subscript(key: String) -> JSONValue? {
        get { members.first { $0.key == key }?.value }
        set {
            let index = members.firstIndex { $0.key == key }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByNilLiteral
{
    package init(stringLiteral text: String) { self.init(.string(text)) }

    package init(integerLiteral number: Int64) { self.init(.number(JSONNumber(number))) }

    package init(booleanLiteral bool: Bool) { self.init(.bool(bool)) }

    package init(nilLiteral: ()) { self.init(.null) }

    package init(arrayLiteral elements: JSONValue...) { self.init(.array(elements)) }

    /// In the order that is written; of a name written twice, the first place and the last value.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self.init(.object(object))
    }
}

extension JSONValue {
    package init(_ text: String) { self.init(.string(text)) }

    package init(_ number: some FixedWidthInteger) { self.init(.number(JSONNumber(number))) }

    package init(_ bool: Bool) { self.init(.bool(bool)) }

    package init(_ object: JSONObject) { self.init(.object(object)) }

    package init(_ quantity: some Quantity) { self.init(.string(quantity.description)) }
}
