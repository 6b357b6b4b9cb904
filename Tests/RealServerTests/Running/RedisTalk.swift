import Foundation
import Recordings

/// What one client of fifty says: pipelined batches of inline commands on keys of its own.
struct RedisTalk {
    static let batches = 6
    static let batchSize = 16
    static var requests: Int { batches * batchSize }

    let batches: [[String]]

    init(client: Int, seed: UInt64) {
        var state = seed &+ UInt64(client) &* 0x9E37_79B9_7F4A_7C15
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        batches = (0..<Self.batches).map { batch in
            (0..<Self.batchSize).map { place in
                switch next() % 4 {
                case 0: "ECHO c\(client)-\(batch)-\(place)\r\n"
                case 1: "INCR c\(client):n\(next() % 3)\r\n"
                case 2: "SET c\(client):k\(next() % 5) v\(next())\r\n"
                default: "PING\r\n"
                }
            }
        }
    }

    /// Answers that end in these bytes, where each is a line, or two for a bulk string.
    static func answers(in bytes: Data) -> Int {
        // A bulk string's first line begins with $; its second has none of the signs here.
        let lines = bytes.count { $0 == UInt8(ascii: "\n") }
        let bulks = bytes.count { $0 == UInt8(ascii: "$") }
        return lines - bulks
    }
}

/// A Redis that knows ECHO, INCR, SET and PING.
enum RedisModel {
    /// Whether Redis may answer so. A counter is known to lie in a range after a cut.
    static func allows(
        _ answer: String, to request: String, _ counters: inout [String: ClosedRange<Int>]
    ) -> Bool {
        let words = request.split(separator: " ").map(String.init)
        switch words[0] {
        case "ECHO": return answer == "$\(words[1].utf8.count)\r\n\(words[1])\r\n"
        case "SET": return answer == "+OK\r\n"
        case "PING": return answer == "+PONG\r\n"
        default:
            let before = counters[words[1]] ?? 0...0
            // CR and LF are one character.
            guard let value = Int(answer.dropFirst().dropLast()), answer.hasPrefix(":"),
                value > before.lowerBound, value <= before.upperBound + 1
            else { return false }
            counters[words[1]] = value...value
            return true
        }
    }

    /// It was sent, and nobody knows whether it was carried out.
    static func widen(_ counters: inout [String: ClosedRange<Int>], by request: String) {
        let words = request.split(separator: " ").map(String.init)
        guard words[0] == "INCR" else { return }
        let before = counters[words[1]] ?? 0...0
        counters[words[1]] = before.lowerBound...(before.upperBound + 1)
    }
}

/// What was said on one attempt at a connection: requests as lines, answers in their order.
struct Dialogue {
    struct Identity: Hashable {
        var connection: UInt32
        var attempt: UInt16
        var message: UInt64
        var copy: UInt16
    }

    struct Request {
        var identity: Identity
        /// Without its line's end.
        var text: String
    }

    var connection: UInt32
    var attempt: UInt16
    var requests: [Request] = []
    var answers: [String] = []
    private var sent: [UInt8] = []
    private var received: [UInt8] = []

    private init(connection: UInt32, attempt: UInt16) {
        self.connection = connection
        self.attempt = attempt
    }

    /// All attempts of a recording, in the order in which they began.
    static func read(_ path: String, isReplay: Bool) throws -> [Dialogue] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var reader = try RecordingReader(MemoryFile(bytes))
        var dialogues: [Dialogue] = []
        var places: [UInt64: Int] = [:]
        try reader.forEachEvent { event, bytes, _ in
            guard event.connection > 0 else { return }
            let key = UInt64(event.connection) << 16 | UInt64(event.attempt)
            let place = places[key] ?? dialogues.count
            if place == dialogues.count {
                places[key] = place
                dialogues.append(
                    Dialogue(connection: event.connection, attempt: event.attempt))
            }
            let list = (0..<bytes.count).map { bytes[$0] }
            switch event.fact {
            case .sent(let sent): dialogues[place].send(list, sent.message, sent.copy)
            case .chunk where event.direction == .upstream: dialogues[place].send(list, 0, 0)
            case .chunk: dialogues[place].receive(list)
            default: break
            }
        }
        return dialogues
    }

    private mutating func send(_ bytes: [UInt8], _ message: UInt64, _ copy: UInt16) {
        sent += bytes
        while let end = sent.firstIndex(of: UInt8(ascii: "\n")) {
            let text = String(decoding: sent[..<end], as: UTF8.self)
            sent.removeFirst(end + 1)
            let number = message > 0 ? message : UInt64(requests.count + 1)
            requests.append(
                Request(
                    identity: Identity(
                        connection: connection, attempt: attempt, message: number, copy: copy),
                    text: String(text.filter { $0 != "\r" && $0 != "\r\n" })))
        }
    }

    private mutating func receive(_ bytes: [UInt8]) {
        received += bytes
        while let end = received.firstIndex(of: UInt8(ascii: "\n")) {
            var last = end
            if received[0] == UInt8(ascii: "$") {
                guard let second = received[(end + 1)...].firstIndex(of: UInt8(ascii: "\n")) else {
                    return
                }
                last = second
            }
            answers.append(String(decoding: received[...last], as: UTF8.self))
            received.removeFirst(last + 1)
        }
    }
}

/// A folder of one test's own; it goes away with this value.
final class RecordingFolder {
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("weir-replay-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}
