import Foundation
import Recordings
import Testing
import Text

@testable import Faults

/// The built `weir proxy` with faults, between a client and a server of this test.
final class LivePair {
    let weir: WeirBetween
    private(set) var client: PeerSocket?
    private(set) var server: PeerSocket?
    /// When the client had connected.
    let start: ContinuousClock.Instant

    static let seed: UInt64 = 7

    init(_ faults: [String], protocolName: String = "none") throws {
        let listener = try PeerSocket.listen()
        let options = faults.flatMap { ["--fault", $0] }
        weir = try WeirBetween(
            .proxy, upstream: ":\(listener.port)",
            options: ["--seed", "\(Self.seed)", "--protocol", protocolName] + options)
        client = PeerSocket(connectingTo: weir.port)
        start = .now
        server = listener.accept()
    }

    var elapsed: Duration { start.duration(to: .now) }

    /// Sends on a thread of its own, then ends: buffers are smaller than what is sent.
    func sendAll(_ bytes: Data) {
        guard let client else { return }
        Thread.detachNewThread {
            _ = client.send(bytes)
            client.finish()
        }
    }

    /// Closes both, ends Weir, and prints what was achieved.
    func finish(_ scenario: String, _ figures: String) throws {
        client = nil
        server = nil
        try weir.finish("live \(scenario)", figures)
    }

    /// What the same rules make of the same bytes as values: each message as it is sent on.
    static func expected(
        _ faults: [String], protocolName: String, _ bytes: [UInt8]
    ) throws -> (sent: [UInt8], applied: [String]) {
        var injector = Injector(
            connection: 1, rules: try rules(faults, protocolName: protocolName))
        injector.receive(bytes.span, .upstream, at: .start)
        injector.finish(.upstream, at: .start)
        var sent: [UInt8] = []
        var applied: [String] = []
        for action in injector.takeActions() {
            switch action {
            case .send(_, let send):
                switch send.bytes {
                case .literal(let literal): sent += literal
                case .arrived(let range):
                    injector.held(.upstream).withBytes(range) { span in
                        for index in span.indices { sent.append(span[index]) }
                    }
                }
            case .strike(let strike) where strike.outcome.result == .applied:
                applied.append(strike.outcome.id)
            case .strike, .cut, .finish, .redeliver, .overtaken, .unrolled: break
            }
        }
        return (sent, applied)
    }

    static func rules(_ faults: [String], protocolName: String) throws -> LiveRules {
        var plan = Plan(seed: seed, framing: try FramingChoice(parsing: protocolName))
        for fault in faults { try plan.add(try FaultText.rule(fault)) }
        return try LiveRules(plan, seed: seed)
    }
}

extension Duration {
    /// In milliseconds, with three places.
    var inMilliseconds: String {
        let (seconds, attoseconds) = components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        let (whole, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000)
        return "\(whole).\(String(1_000 + rest).dropFirst()) ms"
    }
}
