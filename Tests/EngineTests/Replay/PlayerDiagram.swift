import Faults
import Recordings
import Simulation

@testable import Engine

/// A player without socket or clock, driven by a text: what comes back is that with its actions.
///
/// A line is a time in ms and what happens: `ask` (nothing but time), `opened`, `refused`,
/// `took N` bytes of what was handed out, `full` (the socket takes no more), `room`,
/// `came bytes`, `fin`, `rst`, `unacknowledged N`, `stop`. Each is followed by the actions that the
/// player then wants, up to the pause.
struct PlayerDiagram {
    private var player: Player
    private var handedOut: [Piece] = []
    private var canSend = true
    private let take: Take
    private(set) var result = ReplayResult()

    init(
        _ take: Take, _ strikes: [Strike] = [],
        _ change: (inout ReplaySettings) -> Void = { _ in }
    ) {
        self.take = take
        var settings = ReplaySettings(to: .simulated(1), framing: take.framing)
        change(&settings)
        player = Player(
            take.transcript.connections[0],
            Schedule(seed: 7, strikes: strikes).link(connection: 1, .upstream), strikes: strikes,
            settings, ReplayClock(origin: .start, start: .start, speed: settings.speed))
    }

    /// Only the lines that say what happens are read: those without indentation.
    mutating func text(_ script: String) throws -> String {
        var lines: [String] = []
        for line in script.split(separator: "\n") where line.first != " " {
            lines.append(String(line))
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            let now = Instant(nanoseconds: Int64((Double(words[0]) ?? 0) * 1_000_000))
            try happen(words[1], words.count > 2 ? words[2] : "", now)
            lines += actions(at: now).map { "    " + $0 }
        }
        return lines.joined(separator: "\n")
    }

    private mutating func happen(_ what: String, _ rest: String, _ now: Instant) throws {
        switch what {
        case "opened": try player.opened(at: now, framer: take.framing.makeFramer())
        case "refused": player.refused("refused", at: now)
        case "took": took(Int(rest) ?? 0, now)
        case "full":
            canSend = false
            player.blocked(at: now)
        case "room": canSend = true
        case "came":
            let bytes = Array(rest.replacing("\\n", with: "\n").utf8)
            player.received(bytes.span, at: now, into: &result)
        case "fin": player.consumerEnded(isReset: false, at: now)
        case "rst": player.consumerEnded(isReset: true, at: now)
        case "unacknowledged": player.unacknowledged(Int(rest) ?? 0, at: now)
        case "stop": player.stop(at: now)
        default: break
        }
    }

    private mutating func took(_ count: Int, _ now: Instant) {
        var count = count
        while count > 0, var piece = handedOut.first {
            let part = min(count, piece.count)
            var portion = piece
            portion.count = part
            portion.isLast = piece.isLast && part == piece.count
            let start = Int(piece.fileOffset)
            let bytes = Array(take.bytes.bytes[start..<(start + part)])
            player.took(bytes.span, of: portion, at: now, into: &result)
            piece.offset += UInt64(part)
            piece.fileOffset += UInt64(part)
            piece.count -= part
            piece.isFirst = false
            if piece.count == 0 { handedOut.removeFirst() } else { handedOut[0] = piece }
            count -= part
        }
    }

    private mutating func actions(at now: Instant) -> [String] {
        var lines: [String] = []
        while true {
            switch player.next(at: now, canSend: canSend) {
            case .dial(let attempt): lines.append("dial \(attempt)")
            case .abandonDial: lines.append("abandon the dial")
            case .send(let piece):
                handedOut.append(piece)
                let copy = piece.copy > 0 ? "/\(piece.copy)" : ""
                lines.append("send \(piece.message)\(copy)+\(piece.offset) \(piece.count)")
                continue
            case .askUnacknowledged:
                lines.append("ask unacknowledged")
                return lines
            case .finish(let party): lines.append("finish by \(party)")
            case .reset(let party): lines.append("reset by \(party)")
            case .close(let party): lines.append("close by \(party)")
            case .release: lines.append("release")
            case .receiveAgain: lines.append("receive again")
            case .redelivered: lines.append("redelivered")
            case .redeliver(let copy): lines.append("redeliver \(copy.strike.id) \(copy.copy)")
            case .reportReceived(let outcome): lines.append("\(outcome.id) \(outcome.result)")
            case .report(.strike(let outcome)):
                let reason = outcome.reason.isEmpty ? "" : ": \(outcome.reason)"
                lines.append("\(outcome.id) \(outcome.result)\(reason)")
            case .report(let fact): lines.append("report \(fact)")
            case .wait(let until):
                guard let until else { return lines }
                lines.append("wait until \(Double(until.nanoseconds) / 1_000_000)")
                return lines
            case .done:
                lines.append("done")
                return lines
            }
        }
    }
}
