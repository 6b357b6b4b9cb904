import Text

/// A message is cut inside, and its connection ends.
package struct Truncate: EndingFault {
    package static let name = "truncate"
    package static let summary = "cut inside the message, and the connection ends"
    package static let label = FaultLabel.transport
    package static let settings: [Setting<Truncate>] = [
        .amount("at", \.share, "how much of the message is sent"),
        .choice("how", \.how, "what the consumer sees"),
    ]

    /// What is sent of the message.
    package var share = Chance(1, outOf: 2) ?? .always
    package var how = How.reset

    /// How the connection ends.
    package enum How: String, Hashable, Sendable, CaseIterable {
        case reset = "rst"
        case finish = "fin"

        var cut: Cut.How { self == .reset ? .reset : .finish }
    }

    package init() {}

    package func draw(at place: StrikePlace) -> StrikeDraw {
        let ratio = share.ratio
        let product = place.length.multipliedFullWidth(by: ratio.numerator)
        // The share is at most all of it, so that the quotient fits.
        let sent =
            ratio.numerator >= ratio.denominator
            ? place.length : ratio.denominator.dividingFullWidth(product).quotient
        return .effect(.end(Ending(.truncate, sentBytes: sent, how: how.cut)))
    }

    package static let ending = Ending(.truncate)
    package static let details: [Setting<Ending>] = [
        sentDetail, .choice("how", \.endHow, "what the consumer sees"),
    ]
}

extension Ending {
    fileprivate var endHow: Truncate.How {
        get { how == .reset ? .reset : .finish }
        set { how = newValue.cut }
    }
}
