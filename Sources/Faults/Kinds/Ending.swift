import Text

/// A strike that ends its connection, and how: the parts that truncate, reset, timeout, limit_data
/// and refuse have in common.
package struct Ending: Hashable, Sendable {
    package var kind: Kind
    /// So many bytes of the struck message are sent before it.
    package var sentBytes: UInt64
    package var how: Cut.How
    /// Nothing is sent for so long before it.
    package var silenceNanoseconds: Int64

    package init(
        _ kind: Kind, sentBytes: UInt64 = 0, how: Cut.How = .reset, silenceNanoseconds: Int64 = 0
    ) {
        self.kind = kind
        self.sentBytes = sentBytes
        self.how = how
        self.silenceNanoseconds = silenceNanoseconds
    }

    /// The faults that end connections, by their names.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case truncate, reset, timeout, refuse
        case limitData = "limit_data"
    }

    /// As a cut behind which nothing comes.
    package var cut: Cut { Cut(sentBytes: sentBytes, how: how, then: .stop) }
}

/// A fault that ends its connection.
package protocol EndingFault: StrikeFault where Detail == Ending {
    /// What a schedule's line that says nothing means.
    static var ending: Ending { get }
}

extension EndingFault {
    package static var blankDetail: Ending { ending }
    package static func effect(_ detail: Ending) -> StrikeEffect { .end(detail) }

    package static func detail(of effect: StrikeEffect) -> Ending? {
        guard case .end(let detail) = effect, detail.kind == ending.kind else { return nil }
        return detail
    }

    /// The bytes before the end, as a schedule has them.
    static var sentDetail: Setting<Ending> {
        .count("sent", \.sentBytes, in: 0...UInt64.max, isRequired: true, "bytes before the end")
    }
}

/// A place on a link, in bytes, for faults that strike bytes: behind so many of them.
struct BytePlace {
    /// Whether a message that lies there is struck: the first one for 0, else the one that has the
    /// last of these bytes, so that what reaches the place is struck at once.
    static func isIn(_ bytes: Range<UInt64>, _ at: ByteCount?) -> Bool {
        guard let at = at?.bytes else { return true }
        return at == 0 ? bytes.lowerBound == 0 : bytes.lowerBound < at && at <= bytes.upperBound
    }

    /// So many bytes of the struck message lie before the place; none where it is not said.
    static func sentBytes(_ place: StrikePlace, _ at: ByteCount?) -> UInt64 {
        guard let at = at?.bytes, at > place.offset else { return 0 }
        return min(at - place.offset, place.length)
    }
}
