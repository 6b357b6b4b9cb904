/// A connection is reset right after it opened, before its first message.
package struct Refuse: EndingFault {
    package static let name = "refuse"
    package static let summary = "reset right after the connection opened"
    package static let label = FaultLabel.transport
    package static let settings: [Setting<Refuse>] = []

    /// It is over before anything else could strike.
    package static let combines = true

    package init() {}

    package var sparesState: Bool { false }
    /// It stands where the first message does or would, and is rolled once a connection.
    package func mayStrike(bytes: Range<UInt64>) -> Bool { bytes.lowerBound == 0 }

    package func draw(at place: StrikePlace) -> StrikeDraw { .effect(.end(Self.ending)) }

    package static let ending = Ending(.refuse)
    package static let details: [Setting<Ending>] = []
}
