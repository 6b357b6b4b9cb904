import Platform

/// What happened, a line for each event, in order: `12ms client > PING\r\n`.
///
/// `>` is sent and `<` is received; bytes that are not printable are escaped as in Swift. What one
/// peer does of a kind at one moment is one line, however it was cut.
package final class TimeDiagram {
    /// The most characters of bytes that a line shows.
    package static let shownCharacters = 72

    private struct Line {
        var time: MonotonicTime
        var name: String
        var event: String
        var bytes: [UInt8]?
    }

    private let network: any Network
    private let start: MonotonicTime
    private var lines: [Line] = []

    /// A diagram whose time 0 is now.
    package init(of network: any Network) {
        self.network = network
        start = network.readClock()
    }

    /// All lines, each with its end of line.
    package var text: String {
        lines.map { line in
            let elapsed = line.time.nanoseconds - start.nanoseconds
            return MonotonicTime(nanoseconds: elapsed).inMilliseconds + " \(Self.text(of: line))\n"
        }.joined()
    }

    /// The lines without their times: for what must hold on a real network too.
    package var textWithoutTimes: String {
        lines.map { Self.text(of: $0) + "\n" }.joined()
    }

    /// Notes that something happened to `name`.
    package func note(_ name: String, _ event: String) {
        lines.append(Line(time: network.now, name: name, event: event, bytes: nil))
    }

    func noteSent(_ name: String, _ bytes: [UInt8]) { note(name, ">", bytes) }

    func noteReceived(_ name: String, _ bytes: [UInt8]) { note(name, "<", bytes) }

    private func note(_ name: String, _ event: String, _ bytes: [UInt8]) {
        if let last = lines.last, last.name == name, last.event == event, last.time == network.now {
            lines[lines.count - 1].bytes?.append(contentsOf: bytes)
        } else {
            lines.append(Line(time: network.now, name: name, event: event, bytes: bytes))
        }
    }

    private static func text(of line: Line) -> String {
        guard let bytes = line.bytes else { return "\(line.name) \(line.event)" }
        return "\(line.name) \(line.event) \(escaped(bytes))"
    }

    /// The bytes as printable text; a long one is cut, and its length given.
    package static func escaped(_ bytes: some Collection<UInt8>) -> String {
        let shown = bytes.prefix(shownCharacters).map { byte in
            switch byte {
            case 0x0D: "\\r"
            case 0x0A: "\\n"
            case 0x09: "\\t"
            case 0x5C: "\\\\"
            case 0x20...0x7E: String(UnicodeScalar(byte))
            default: "\\u{\(String(byte, radix: 16))}"
            }
        }.joined()
        return bytes.count > shownCharacters ? "\(shown)… (\(bytes.count) bytes)" : shown
    }
}
