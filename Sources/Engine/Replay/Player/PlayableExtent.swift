import Recordings

/// How far a recorded link can be played: a link with a gap ends there.
struct PlayableExtent: Hashable, Sendable {
    /// Messages 1 to this one.
    let messages: UInt64
    /// Where the messages end, and bytes begin that are no messages.
    let rawFrom: UInt64
    /// Where the playable bytes end.
    let bytes: UInt64
    let endsAtGap: Bool

    /// - Parameter direction: the link that is sent.
    init(_ connection: TranscriptConnection, _ direction: Direction = .upstream) {
        let link = connection[direction]
        guard let gap = link.gaps.first?.offset else {
            messages = link.count
            rawFrom = link.messagesEnd
            bytes = link.bytes
            endsAtGap = false
            return
        }
        // A message that the gap tore is not played, and nothing behind it.
        var count = link.count
        while count > 0, link.range(of: count).upperBound > gap { count -= 1 }
        messages = count
        rawFrom = count > 0 ? link.range(of: count).upperBound : 0
        bytes = count > 0 || connection.pairsAnswers ? rawFrom : gap
        endsAtGap = true
    }
}
