import Recordings
import Text

/// What is told of a replay as the server.
extension ReplayReport {
    /// A replay says what the consumer did, and nothing of whether that is right.
    package static let notJudged = ["silent-retry"]

    var servingHeadline: String {
        let verb =
            switch run.ending {
            case .completed: "stood in for"
            case .interrupted: "stood in for a part of"
            case .unreadable: "stood in for what could be read of"
            }
        let speed = run.speed == "1x" ? "" : " at \(run.speed)"
        return "\(verb) \(EscapedText(run.recording)) at \(EscapedText(run.consumer)) for "
            + "\(time(run.nanoseconds)) (\(run.pacing) pacing\(speed), seed \(run.seed))"
    }

    var servingLines: [String] {
        let reactions = reactions
        var dials = [amount(reactions.accepted, "connection")]
        dials.append(
            "for \(served.connectionsPlayed.grouped) of \(sent.connections.grouped) recorded")
        if reactions.redials > 0 { dials.append("\(reactions.redials.grouped) of them again") }
        if reactions.unassigned > 0 {
            dials.append("\(reactions.unassigned.grouped) that play none")
        }
        let asked: [(UInt64, String)] = [
            (served.expected, "as recorded"), (reactions.elsewhere, "of another connection"),
            (reactions.resent, "sent again"), (reactions.resentState, "handshakes again"),
            (reactions.unknown, "unknown"),
        ]
        let parts = asked.filter { $0.0 > 0 || $0.1 == "as recorded" }.map {
            "\($0.0.grouped) \($0.1)"
        }
        var lines = [
            "dialled    \(dials.joined(separator: ", "))",
            "asked      \(amount(served.requests, "request")): \(parts.joined(separator: ", "))",
            "answered   \(served.answered.grouped), \(reactions.reused.grouped) of them once more "
                + "than recorded; \(amount(served.pushes, "message")) that nobody asked for",
        ]
        let deeds: [(UInt64, String)] = [
            (reactions.closes, "closed"), (reactions.resets, "reset"),
            (reactions.failures, "failed"),
        ]
        var ends = deeds.filter { $0.0 > 0 }.map { "\($0.0.grouped) \($0.1)" }
        if reactions.unaskedEnds > 0 {
            ends.append("\(reactions.unaskedEnds.grouped) of them early")
        }
        lines.append(
            "ends       by the consumer: \(ends.isEmpty ? "none" : ends.joined(separator: ", "))")
        if reactions.stalls > 0 { lines.append("besides    stopped reading: \(reactions.stalls)") }
        lines.append("not judged here: whether the consumer said what it did over again")
        return lines
    }

    var servingWarnings: [String] {
        var warnings: [String] = []
        if reactions.accepted == 0, sent.connections > 0 {
            warnings.append("nobody dialled; start the consumer with this address")
        }
        if reactions.unknown > 0 {
            warnings.append(
                "\(amount(reactions.unknown, "request")) "
                    + (reactions.unknown == 1 ? "is" : "are")
                    + " not in the recording, byte for byte: reactions.jsonl says where; what "
                    + "varies between runs (times, tokens, ports) cannot be answered")
        }
        return warnings
    }
}
