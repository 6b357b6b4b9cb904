import Text

/// The connection is reset at once: before a message, or behind so many bytes.
package struct Reset: EndingFault {
    package static let name = "reset"
    package static let summary = "RST both ways, before a message or behind so many bytes"
    package static let label = FaultLabel.transport
    package static let settings: [Setting<Reset>] = [
        .optional("at", \.at, "behind so many bytes of the link, not before a message")
    ]

    package var at: ByteCount?

    package init() {}

    package static let strikesReceived = true
    package var bytePlace: UInt64? { at?.bytes }
    package var sparesState: Bool { at == nil }
    package func mayStrike(bytes: Range<UInt64>) -> Bool { BytePlace.isIn(bytes, at) }

    package func draw(at place: StrikePlace) -> StrikeDraw {
        .effect(.end(Ending(.reset, sentBytes: BytePlace.sentBytes(place, at))))
    }

    package static let ending = Ending(.reset)
    package static let details: [Setting<Ending>] = [sentDetail]
}
