import Text

/// Nothing moves any more, and after a while the connection is closed.
package struct Timeout: EndingFault {
    package static let name = "timeout"
    package static let summary = "nothing is sent any more, and after a while it is closed"
    package static let label = FaultLabel.transport
    package static let settings: [Setting<Timeout>] = [
        .amount(
            "timeout", \.timeout, atMost: longestHold, isRequired: true, "until it is closed"),
        .optional("at", \.at, "behind so many bytes of the link, not before a message"),
    ]

    package var timeout = TimeAmount.zero
    package var at: ByteCount?

    package init() {}

    package static let strikesReceived = true
    package var bytePlace: UInt64? { at?.bytes }
    package var sparesState: Bool { at == nil }
    package func mayStrike(bytes: Range<UInt64>) -> Bool { BytePlace.isIn(bytes, at) }

    package func draw(at place: StrikePlace) -> StrikeDraw {
        .effect(
            .end(
                Ending(
                    .timeout, sentBytes: BytePlace.sentBytes(place, at), how: .finish,
                    silenceNanoseconds: timeout.nanoseconds)))
    }

    package static let ending = Ending(.timeout, how: .finish)
    package static let details: [Setting<Ending>] = [
        sentDetail,
        .amount(
            "timeout", \.silence, atMost: longestHold, isRequired: true, "until it is closed"),
    ]
}

extension Ending {
    fileprivate var silence: TimeAmount {
        get { TimeAmount(nanoseconds: silenceNanoseconds) }
        set { silenceNanoseconds = newValue.nanoseconds }
    }
}
