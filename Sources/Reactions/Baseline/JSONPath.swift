import Text

/// Names values in JSON texts, by a small part of the usual paths:
///
/// ```
/// $.user.id        a member of a member        $["user name"]   any name, in quotes
/// $.orders[0].at   an element, from 0          $.orders[*].at   of every element
/// $.*.id           of every member
/// ```
/// The text is what begins at the first `{` or `[` of a content, so that an answer's head may stand
/// before it.
package struct JSONPath: Hashable, Sendable, CustomStringConvertible {
    package static let maximumSteps = 32
    package static let maximumBytes = 1_024

    enum Step: Hashable, Sendable {
        case member([UInt8])
        case anyMember
        case element(UInt64)
        case anyElement
    }

    package let description: String
    let steps: [Step]

    package init(parsing text: String) throws(IgnoredFieldError) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw IgnoredFieldError(
                message:
                    "a JSON path is at most \(Self.maximumBytes) bytes; ignore a value further "
                    + "up, or use a pattern")
        }
        var parser = Parser(text: text, bytes: Array(text.utf8))
        steps = try parser.parse()
        description = text
    }

    private struct Parser {
        let text: String
        let bytes: [UInt8]
        var place = 0

        mutating func parse() throws(IgnoredFieldError) -> [Step] {
            guard bytes.first == UInt8(ascii: "$") else { throw error("begins with $") }
            place = 1
            var steps: [Step] = []
            while place < bytes.count {
                guard steps.count < JSONPath.maximumSteps else {
                    throw error("has at most \(JSONPath.maximumSteps) steps")
                }
                steps.append(try step())
            }
            guard !steps.isEmpty else { throw error("names a value, like $.id") }
            return steps
        }

        private mutating func step() throws(IgnoredFieldError) -> Step {
            let opening = bytes[place]
            place += 1
            if opening == UInt8(ascii: ".") { return try name() }
            guard opening == UInt8(ascii: "[") else {
                throw error("goes on with . or [ here")
            }
            let step = try bracket()
            guard place < bytes.count, bytes[place] == UInt8(ascii: "]") else {
                throw error("wants a ] here")
            }
            place += 1
            return step
        }

        private mutating func name() throws(IgnoredFieldError) -> Step {
            let start = place
            while place < bytes.count, bytes[place] != UInt8(ascii: "."),
                bytes[place] != UInt8(ascii: "[")
            {
                place += 1
            }
            let name = Array(bytes[start..<place])
            if name == [UInt8(ascii: "*")] { return .anyMember }
            guard !name.isEmpty else { throw error("wants a name here; .. is not supported") }
            return .member(name)
        }

        private mutating func bracket() throws(IgnoredFieldError) -> Step {
            guard place < bytes.count else { throw error("wants a number, a name or * here") }
            let first = bytes[place]
            if first == UInt8(ascii: "*") {
                place += 1
                return .anyElement
            }
            if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
                let start = place + 1
                place = start
                while place < bytes.count, bytes[place] != first { place += 1 }
                guard place < bytes.count else { throw error("has a name without its end") }
                place += 1
                return .member(Array(bytes[start..<(place - 1)]))
            }
            let start = place
            while place < bytes.count,
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place])
            {
                place += 1
            }
            let digits = String(decoding: bytes[start..<place], as: UTF8.self)
            guard let number = UInt64(digits) else {
                throw error("wants a number, a name in quotes or * here")
            }
            return .element(number)
        }

        private func error(_ what: String) -> IgnoredFieldError {
            IgnoredFieldError(
                message: "JSON path \(EscapedText(text, limit: 80)), byte \(place + 1): a path "
                    + "\(what); write one like $.orders[*].id")
        }
    }
}
