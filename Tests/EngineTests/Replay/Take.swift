import Engine
import Recordings

/// A recording for a test, written as text, one event a line: `10ms c2 > a\n`.
///
/// A time, a connection (`c1` where it is left out), and what happened: `open`, `> bytes`,
/// `< bytes` (with `\r` and `\n`), `fin >` or `fin <` (who sends that way ends it), `reset >`,
/// `gap > 10`, `refused`.
struct Take {
    let transcript: Transcript
    let bytes: ArrayBytes
    /// The bytes that went upstream, by connection.
    private(set) var upstream: [UInt32: [UInt8]] = [:]
    let framing: FramingChoice
    private(set) var events: [(event: Event, bytes: [UInt8])] = []

    init(_ framing: String, _ text: String) throws {
        self.framing = try FramingChoice(parsing: framing)
        var builder = try TranscriptBuilder(framing: self.framing)
        let bytes = ArrayBytes()
        for line in text.split(separator: "\n") {
            var words = line.split(separator: " ")[...]
            guard let first = words.first else { continue }
            let instant = try Self.instant(first)
            words.removeFirst()
            var connection: UInt32 = 1
            if let number = UInt32(words.first?.dropFirst() ?? ""), words.first?.first == "c" {
                connection = number
                words.removeFirst()
            }
            let what = words.removeFirst()
            let (direction, fact, payload) = try Self.fact(what, words.joined(separator: " "))
            let event = Event(
                at: instant, connection: connection, attempt: 1, direction: direction, fact)
            if fact == .chunk, direction == .upstream {
                upstream[connection, default: []] += payload
            }
            events.append((event, payload))
            builder.receive(event, payload.span, fileOffset: bytes.append(payload))
        }
        transcript = builder.finish()
        self.bytes = bytes
    }

    private struct NotUnderstood: Error { var line: String }

    private static func instant(_ word: Substring) throws -> Instant {
        guard word.hasSuffix("ms"), let amount = Double(word.dropLast(2)) else {
            throw NotUnderstood(line: String(word))
        }
        return Instant(nanoseconds: Int64((amount * 1_000_000).rounded()))
    }

    private static func fact(
        _ what: Substring, _ rest: String
    ) throws -> (Direction?, Event.Fact, [UInt8]) {
        let isUpstream = rest.first == ">"
        let direction: Direction = isUpstream ? .upstream : .downstream
        switch what {
        case "open":
            return (nil, .opened(route: 0, client: "127.0.0.1:1", server: "127.0.0.1:2"), [])
        case ">": return (.upstream, .chunk, unescaped(rest))
        case "<": return (.downstream, .chunk, unescaped(rest))
        case "fin": return (direction, .finished(by: isUpstream ? .client : .server), [])
        case "reset": return (nil, .reset(by: isUpstream ? .client : .server), [])
        case "refused": return (nil, .refused(reason: .refused, errno: 111, tookNanoseconds: 1), [])
        case "gap":
            return (direction, .gap(bytes: UInt64(rest.dropFirst(2)) ?? 0, reason: "test"), [])
        default: throw NotUnderstood(line: String(what))
        }
    }

    private static func unescaped(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in text.utf8 {
            if isEscaped {
                bytes.append(byte == UInt8(ascii: "n") ? 10 : byte == UInt8(ascii: "r") ? 13 : byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}

/// A recording's bytes in an array.
final class ArrayBytes: RecordedBytes {
    private(set) var bytes: [UInt8] = Array(repeating: 0xEE, count: 64)
    /// Reading fails from here on.
    var damagedFrom = UInt64.max

    /// - Returns: where they lie.
    func append(_ more: [UInt8]) -> UInt64 {
        defer { bytes += more + [0xEE] }
        return UInt64(bytes.count)
    }

    func copyBytes(
        at fileOffset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(RecordedBytesError) {
        let end = fileOffset + UInt64(buffer.count)
        guard end <= min(UInt64(bytes.count), damagedFrom) else {
            throw RecordedBytesError(reason: "take: the bytes end at \(bytes.count)")
        }
        buffer.copyBytes(from: bytes[Int(fileOffset)..<Int(end)])
    }
}
