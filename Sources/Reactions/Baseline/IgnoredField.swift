import Recordings
import Text

/// What the user wants left out of every comparison of answers: `--ignore`.
package enum IgnoredField: Hashable, Sendable, CustomStringConvertible {
    /// Bytes that match.
    case pattern(Pattern)
    /// A value in a JSON text.
    case path(JSONPath)

    /// What begins with `$.` or `$[` is a JSON path, anything else a pattern.
    package init(parsing text: String) throws(IgnoredFieldError) {
        do {
            if text.hasPrefix("$.") || text.hasPrefix("$[") {
                self = .path(try JSONPath(parsing: text))
            } else {
                let pattern = try Pattern(parsing: text)
                let nothing: [UInt8] = []
                guard !text.isEmpty, !pattern.matches(in: nothing.span) else {
                    throw IgnoredFieldError(
                        message: "the pattern /\(text)/ matches no bytes at all; write what is to "
                            + "be ignored, like \"request_id=\\w+\"")
                }
                self = .pattern(pattern)
            }
        } catch let error as IgnoredFieldError {
            throw error
        } catch {
            throw IgnoredFieldError(message: "\(error)")
        }
    }

    package var description: String {
        switch self {
        case .pattern(let pattern): pattern.description
        case .path(let path): path.description
        }
    }
}

/// What is wrong with an `--ignore`.
package struct IgnoredFieldError: Error, Hashable, Sendable, CustomStringConvertible {
    package var message: String
    package var description: String { message }
}

extension JudgeSettings {
    /// What is ignored in a content: ranges of bytes, rising, apart.
    package func ignoredRanges(in bytes: Span<UInt8>) -> [Range<Int>] {
        IgnoredFields(self).ranges(in: bytes)
    }
}

/// All that is ignored in contents: what the user says, and what the protocol is known to vary.
struct IgnoredFields: Sendable {
    /// More ranges of one content are not looked for.
    static let maximumRanges = 4_096

    private let fields: [IgnoredField]
    /// In contents that begin with this byte alone.
    private let ofFirst: (byte: UInt8, fields: [IgnoredField])

    init(_ settings: JudgeSettings) {
        fields = settings.ignored + Self.known(settings.framing)
        ofFirst = (UInt8(ascii: "T"), Self.knownOfRowDescription(settings.framing))
    }

    var isEmpty: Bool { fields.isEmpty && ofFirst.fields.isEmpty }

    /// Ranges of bytes that are ignored, rising, apart.
    func ranges(in bytes: Span<UInt8>) -> [Range<Int>] {
        guard !isEmpty, !bytes.isEmpty else { return [] }
        var ranges: [Range<Int>] = []
        for field in fields + (bytes[0] == ofFirst.byte ? ofFirst.fields : []) {
            switch field {
            case .pattern(let pattern):
                pattern.matches(of: bytes) { range in
                    if !range.isEmpty, ranges.count < Self.maximumRanges { ranges.append(range) }
                }
            case .path(let path):
                path.matches(in: bytes) { range in
                    if ranges.count < Self.maximumRanges { ranges.append(range) }
                }
            }
        }
        guard ranges.count > 1 else { return ranges }
        ranges.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
        var merged: [Range<Int>] = []
        for range in ranges {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] =
                    last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }

    /// What servers of a protocol vary by themselves, whatever they are asked: clocks, and secrets
    /// that are drawn for each connection.
    private static func known(_ framing: FramingChoice) -> [IgnoredField] {
        guard case .framer(let settings) = framing else { return [] }
        let patterns: [String] =
            switch settings.name {
            case "http1": [#"(?i)\r\n(date|age): [^\r\n]*"#]
            case "postgresql":
                [
                    // BackendKeyData; the salt of MD5; SCRAM's nonces and proofs.
                    #"^K\x00\x00[\x00-\xFF]*"#, #"^R\x00\x00\x00\x0C\x00\x00\x00\x05[\x00-\xFF]*"#,
                    #"^R\x00\x00[\x00-\xFF]{2}\x00\x00\x00[\x0B\x0C][\x00-\xFF]*"#,
                ]
            default: []
            }
        return patterns.compactMap { try? IgnoredField(parsing: $0) }
    }

    /// In PostgreSQL's RowDescription (`T`): behind a column's name the number of its table, which
    /// each table that is made takes anew, from 16,384 on; then the column's. The same bytes in a
    /// row are data.
    private static func knownOfRowDescription(_ framing: FramingChoice) -> [IgnoredField] {
        guard case .framer(let settings) = framing, settings.name == "postgresql" else { return [] }
        let pattern = #"\x00\x00\x00[\x40-\xFF][\x00-\xFF]\x00[\x00-\xFF]\x00\x00"#
        return [pattern].compactMap { try? IgnoredField(parsing: $0) }
    }
}
