@testable import Recordings

/// Events written as text, one a line: `30 c2 > PING\r\n`.
///
/// An instant in nanoseconds, a connection (`c1` where it is left out), and what happened:
/// `open`, `> bytes`, `< bytes` (with `\r` and `\n`), `fin >` (by who sends that way),
/// `reset client`, `gap < 10`, `refused`.
struct EventScript {
    var events: [(event: Event, bytes: [UInt8])] = []

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            var words = line.split(separator: " ", omittingEmptySubsequences: true)[...]
            let instant = Instant(nanoseconds: Int64(words.removeFirst()) ?? 0)
            var connection: UInt32 = 1
            if words.first?.first == "c", let number = UInt32(words.first?.dropFirst() ?? "") {
                connection = number
                words.removeFirst()
            }
            let what = String(words.removeFirst())
            let rest = words.joined(separator: " ")
            add(what, rest, instant, connection)
        }
    }

    private mutating func add(
        _ what: String, _ rest: String, _ instant: Instant, _ connection: UInt32
    ) {
        func event(_ direction: Direction?, _ fact: Event.Fact, _ bytes: [UInt8] = []) {
            let event = Event(
                at: instant, connection: connection, attempt: 1, direction: direction, fact)
            events.append((event, bytes))
        }
        switch what {
        case "open":
            event(nil, .opened(route: 0, client: "127.0.0.1:1", server: "127.0.0.1:2"))
        case ">": event(.upstream, .chunk, Self.unescaped(rest))
        case "<": event(.downstream, .chunk, Self.unescaped(rest))
        case "fin":
            event(
                rest == ">" ? .upstream : .downstream,
                .finished(by: rest == ">" ? .client : .server))
        case "reset": event(nil, .reset(by: rest == "client" ? .client : .server))
        case "refused": event(nil, .refused(reason: .refused, errno: 111, tookNanoseconds: 1))
        case "gap":
            let direction: Direction = rest.first == ">" ? .upstream : .downstream
            event(direction, .gap(bytes: UInt64(rest.dropFirst(2)) ?? 0, reason: "test"))
        default: fatalError("an event script cannot say \(what)")
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
