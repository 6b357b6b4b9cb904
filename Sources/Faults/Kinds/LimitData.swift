import Text

/// The connection is closed once so many bytes have passed.
package struct LimitData: EndingFault {
    package static let name = "limit_data"
    package static let summary = "closed once so many bytes have passed"
    package static let label = FaultLabel.transport
    package static let settings: [Setting<LimitData>] = [
        .amount("at", \.at, isRequired: true, "bytes of the link; 0B closes before the first")
    ]

    package var at = ByteCount(bytes: 0)

    package init() {}

    package static let strikesReceived = true
    package var bytePlace: UInt64? { at.bytes }
    package var sparesState: Bool { false }
    package func mayStrike(bytes: Range<UInt64>) -> Bool { BytePlace.isIn(bytes, at) }

    package func draw(at place: StrikePlace) -> StrikeDraw {
        let sent = BytePlace.sentBytes(place, at)
        return .effect(.end(Ending(.limitData, sentBytes: sent, how: .finish)))
    }

    package static let ending = Ending(.limitData, how: .finish)
    package static let details: [Setting<Ending>] = [sentDetail]
}
