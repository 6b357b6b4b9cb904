import Reactions
import Recordings
import Text

/// The first answers that were not as recorded, for people.
extension ReplayReport {
    var exampleLines: [String] {
        guard !reactions.examples.isEmpty else { return [] }
        var lines = [
            "", "the first that \(reactions.examples.count == 1 ? "was" : "were") not as recorded",
        ]
        for reaction in reactions.examples { lines += example(reaction) }
        return lines
    }

    private func example(_ reaction: Reaction) -> [String] {
        var place = "connection \(reaction.connection)"
        if reaction.attempt > 1 { place += ", attempt \(reaction.attempt)" }
        var difference: Difference?
        var compared: Compared?
        switch reaction.what {
        case .answer(let answer):
            place += ", message \(answer.message)"
            if answer.copy > 0 { place += ", copy \(answer.copy)" }
            if !answer.kind.isEmpty { place += " (\(EscapedText(answer.kind, limit: 30)))" }
            (compared, difference) = (answer.compared, answer.difference)
        case .push(let push):
            place += ", push \(push.number)"
            (compared, difference) = (push.compared, push.difference)
        case .turn(let turn):
            place += ", turn \(turn.number)"
            (compared, difference) = (turn.compared, turn.difference)
        default: return []
        }
        let strike = reaction.strike.isEmpty ? "" : ", after \(EscapedText(reaction.strike))"
        let seconds = TimeAmount(nanoseconds: reaction.instant.nanoseconds).forPeople
        guard let difference else {
            let word = compared == .cutShort ? "cut short" : compared?.rawValue ?? ""
            return ["  \(place): \(word)\(strike), at \(seconds)"]
        }
        let from =
            difference.excerptOffset > 0
            ? " (from byte \(difference.excerptOffset.grouped) on)" : ""
        return [
            "  \(place): differs at byte \(difference.offset.grouped)\(strike), at \(seconds)",
            "    expected  \(excerpt(difference.expected, of: difference.expectedBytes))\(from)",
            "    actual    \(excerpt(difference.actual, of: nil))",
        ]
    }

    private func excerpt(_ bytes: [UInt8], of count: UInt64?) -> String {
        guard !bytes.isEmpty else { return "nothing" }
        let goesOn = bytes.count == Difference.excerptBytes && (count ?? .max) > bytes.count
        return "\(EscapedText(bytes.span))" + (goesOn ? "…" : "")
    }
}
