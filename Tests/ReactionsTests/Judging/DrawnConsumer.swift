import Faults
import Recordings

@testable import Reactions

/// A consumer drawn by what it does with each message: one connection on which messages are asked
/// one after the other, as a recording and as replays for `JudgedScript`.
struct DrawnConsumer {
    /// What it does with a message.
    enum Reply: Equatable {
        /// It answers this after so many milliseconds.
        case answer(String, milliseconds: Int64 = 1)
        case nothing
        /// It ends the connection.
        case close
    }

    static let millisecond: Int64 = 1_000_000

    /// Messages, each a line of the wire.
    var messages: [String]
    var connection = 1
    /// Lines to stand at an instant, in milliseconds.
    var notes: [(milliseconds: Int64, text: String)] = []

    /// Asks every 100 ms; `copies` are sent once more, right behind.
    func replay(
        copies: Set<Int> = [], _ reply: (_ number: Int, _ copy: Int) -> Reply
    ) -> String {
        var lines: [(at: Int64, text: String)] = [(0, "open")]
        var isOpen = true
        for (index, message) in messages.enumerated() {
            let number = index + 1
            var at = Int64(number) * 100 * Self.millisecond
            for copy in 0...(copies.contains(number) ? 1 : 0) where isOpen {
                let strike = copy > 0 ? "[twice@\(connection)u\(number)] " : ""
                let identity = copy > 0 ? "\(number).\(copy)" : "\(number)"
                lines.append((at, "> \(identity) \(strike)\(message)"))
                if copy > 0 { lines.append((at, "strike twice@\(connection)u\(number) applied")) }
                switch reply(number, copy) {
                case .answer(let answer, let milliseconds):
                    at += milliseconds * Self.millisecond
                    lines.append((at, "< \(answer)"))
                case .nothing: break
                case .close:
                    lines.append((at + 1, "fin server"))
                    lines.append((at + 2, "fin weir"))
                    isOpen = false
                }
            }
        }
        let end = Int64(messages.count + 20) * 100 * Self.millisecond
        if isOpen {
            lines.append((end, "fin client"))
            lines.append((end + 1, "fin server"))
        }
        return text(lines)
    }

    /// The recording of it.
    func recorded(_ reply: (_ number: Int) -> String) -> String {
        var lines: [(at: Int64, text: String)] = [(0, "open")]
        for (index, message) in messages.enumerated() {
            let at = Int64(index + 1) * 100 * Self.millisecond
            lines.append((at, "> \(message)"))
            lines.append((at + Self.millisecond, "< \(reply(index + 1))"))
        }
        let end = Int64(messages.count + 20) * 100 * Self.millisecond
        lines.append((end, "fin client"))
        lines.append((end + 1, "fin server"))
        return Self.joined(lines, connection)
    }

    private func text(_ lines: [(at: Int64, text: String)]) -> String {
        let notes = notes.map { ($0.milliseconds * Self.millisecond, $0.text) }
        return Self.joined(lines + notes, connection)
    }

    private static func joined(_ lines: [(at: Int64, text: String)], _ connection: Int) -> String {
        let order = lines.indices.sorted { (lines[$0].at, $0) < (lines[$1].at, $1) }
        return order.map { "\(lines[$0].at) c\(connection) \(lines[$0].text)" }
            .joined(separator: "\n")
    }
}
