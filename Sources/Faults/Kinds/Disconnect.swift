import Text

/// A connection is cut at a message, and what was unanswered is sent again on the next one.
package struct Disconnect: StrikeFault {
    package static let name = "disconnect"
    package static let summary = "the connection is cut"
    package static let label = FaultLabel.delivery
    package static let settings: [Setting<Disconnect>] = [
        .choice("where", \.place, "of the message: at a drawn byte of it, before it, or after it"),
        .choice("how", \.how, "what the consumer sees"),
        .choice("then", \.then, "what happens next"),
        .amount("wait", \.wait, atMost: longestHold, "from the cut to the reconnect"),
        .custom(
            "resend", form: "unanswered|none|last:k",
            "what is sent again: what was unanswered in the recording, nothing, or the last k",
            read: { (text, root) throws(SettingProblem) in
                root.resend = try Resend(reading: text)
            },
            write: { $0.resend.description }),
    ]

    package enum Place: String, Hashable, Sendable, CaseIterable {
        case inside, before, after
    }

    package var place = Place.inside
    package var how = Cut.How.reset
    package var then = Cut.Then.reconnect
    package var wait = TimeAmount(nanoseconds: 100_000_000)
    package var resend = Resend.unanswered

    package init() {}

    package func draw(at place: StrikePlace) -> StrikeDraw {
        let sent: UInt64
        switch self.place {
        // A message of one byte has no inside: it is cut before.
        case .inside: sent = place.length > 1 ? 1 + place.dice.roll(below: place.length - 1) : 0
        case .before: sent = 0
        case .after: sent = place.length
        }
        var cut = Cut(sentBytes: sent, how: how, then: then, waitNanoseconds: wait.nanoseconds)
        if then == .reconnect {
            // What was not begun is not sent again: it belongs to the rest.
            let last = sent == 0 ? place.message - 1 : place.message
            cut.resend = resend.list(upTo: last, unanswered: place.unanswered)
        }
        return .effect(.disconnect(cut))
    }

    /// Which messages are sent again.
    package enum Resend: Hashable, Sendable, CustomStringConvertible {
        case unanswered
        case none
        case last(UInt64)

        package static let mostLast: UInt64 = 1_000_000

        init(reading text: String) throws(SettingProblem) {
            switch text {
            case "unanswered": self = .unanswered
            case "none": self = .none
            case _ where text.hasPrefix("last:"):
                guard let count = UInt64(text.dropFirst(5)), 1...Self.mostLast ~= count else {
                    throw SettingProblem(
                        message: "\"\(EscapedText(text, limit: 60))\" has no number from 1 to "
                            + "\(Self.mostLast); write it like \"last:3\"")
                }
                self = .last(count)
            default: throw unknownWord(text, ["unanswered", "none", "last:k"])
            }
        }

        package var description: String {
            switch self {
            case .unanswered: "unanswered"
            case .none: "none"
            case .last(let count): "last:\(count)"
            }
        }

        func list(
            upTo last: UInt64, unanswered: [ClosedRange<UInt64>]
        ) -> [ClosedRange<UInt64>] {
            switch self {
            case .none: []
            case .last(let count): last == 0 ? [] : [(last - min(count, last) + 1)...last]
            case .unanswered:
                unanswered.compactMap { range in
                    range.lowerBound > last
                        ? nil : range.lowerBound...min(range.upperBound, last)
                }
            }
        }
    }

    package static let details: [Setting<Cut>] = [
        .count("sent", \.sentBytes, in: 0...UInt64.max, isRequired: true, "bytes before the cut"),
        .choice("how", \.how, "what the consumer sees"),
        .choice("then", \.then, "what happens next"),
        .amount("wait", \.wait, atMost: longestHold, "from the cut to the reconnect"),
        .custom(
            "resend", form: "15-17", "messages that are sent again",
            read: { (text, cut) throws(SettingProblem) in
                cut.resend = try MessageRange.list(reading: text)
            },
            write: { cut in cut.resend.isEmpty ? nil : MessageRange.list(cut.resend) }),
    ]
    package static var blankDetail: Cut { Cut(sentBytes: 0) }
    package static func effect(_ detail: Cut) -> StrikeEffect { .disconnect(detail) }

    package static func detail(of effect: StrikeEffect) -> Cut? {
        guard case .disconnect(let cut) = effect else { return nil }
        return cut
    }
}

extension Cut {
    fileprivate var wait: TimeAmount {
        get { TimeAmount(nanoseconds: waitNanoseconds) }
        set { waitNanoseconds = newValue.nanoseconds }
    }
}
