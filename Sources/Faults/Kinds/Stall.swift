import Text

/// Nothing is sent for a while, or any more, and the connection stays up.
package struct Stall: StrikeFault {
    package static let name = "stall"
    package static let summary = "nothing is sent for a while, and the connection stays up"
    package static let label = FaultLabel.transport
    package static let settings: [Setting<Stall>] = [
        Self.duration,
        .optional("at", \.at, "behind so many bytes of the link, not before a message"),
    ]

    /// nil: for good.
    package var duration: TimeAmount?
    package var at: ByteCount?

    package init() {}

    package static let strikesReceived = true
    package var bytePlace: UInt64? { at?.bytes }
    package var sparesState: Bool { at == nil }
    package func mayStrike(bytes: Range<UInt64>) -> Bool { BytePlace.isIn(bytes, at) }

    package func draw(at place: StrikePlace) -> StrikeDraw {
        .effect(
            .stall(
                sentBytes: BytePlace.sentBytes(place, at), nanoseconds: duration?.nanoseconds))
    }

    /// What it did, in words.
    package static func outcome(nanoseconds: Int64) -> String {
        "nothing was sent for \(TimeAmount(measured: nanoseconds))"
    }

    /// The same of one on what Weir receives.
    package static func receivedOutcome(nanoseconds: Int64) -> String {
        "nothing was received for \(TimeAmount(measured: nanoseconds))"
    }

    /// What a schedule's line says.
    package struct Detail: Sendable {
        var sentBytes: UInt64 = 0
        var stall = Stall()
    }

    private static let duration = Setting<Stall>.custom(
        "for", form: "DURATION|forever", "how long",
        read: { (text, stall) throws(SettingProblem) in
            guard text != "forever" else { return stall.duration = nil }
            let amount = try quantity(text) as TimeAmount
            guard amount <= longestHold else {
                throw SettingProblem(
                    message: "\"\(EscapedText(text, limit: 60))\" is too much; "
                        + "write at most \"\(longestHold)\", or \"forever\"")
            }
            stall.duration = amount
        },
        write: { $0.duration?.description ?? "forever" })

    package static let details: [Setting<Detail>] = [
        .count("sent", \.sentBytes, in: 0...UInt64.max, isRequired: true, "bytes before it"),
        .custom(
            "for", form: duration.form, duration.meaning,
            read: { (text, detail) throws(SettingProblem) in
                try duration.read(text, &detail.stall)
            },
            write: { duration.write($0.stall) }),
    ]
    package static var blankDetail: Detail { Detail() }

    package static func effect(_ detail: Detail) -> StrikeEffect {
        .stall(sentBytes: detail.sentBytes, nanoseconds: detail.stall.duration?.nanoseconds)
    }

    package static func detail(of effect: StrikeEffect) -> Detail? {
        guard case .stall(let sent, let nanoseconds) = effect else { return nil }
        var detail = Detail(sentBytes: sent)
        detail.stall.duration = nanoseconds.map { TimeAmount(nanoseconds: $0) }
        return detail
    }
}
