import Faults
import Recordings

/// The messages that a schedule keeps from ever arriving whole: those that are dropped, those
/// behind a cut after which nothing is played, and one that is cut inside and not sent again; and
/// what a run did not send because a strike on what Weir receives had ended the connection. Where
/// such a strike lands depends on the run, and so this is known only behind it.
///
/// What the consumer does without them is what it is compared with, so the baseline of such a
/// schedule is a clean run that leaves them out: `schedule` drops them and does nothing else.
struct Withheld {
    /// Drops of just these messages; nil: none is withheld.
    let schedule: Schedule?

    /// - Parameter unsent: of connections that ended so, the first message that was not sent.
    init(_ schedule: Schedule, in transcript: Transcript, unsent: [UInt32: UInt64] = [:]) {
        var drops: [Strike] = []
        func withhold(_ messages: ClosedRange<UInt64>, _ connection: UInt32) {
            for message in messages {
                guard drops.count < Schedule.maximumStrikes else { break }
                drops.append(
                    Strike(
                        id: "withheld@\(connection)u\(message)", rule: "withheld",
                        connection: connection, direction: .upstream, message: message,
                        effect: .drop))
            }
        }
        // A consumer that dials asks again for what it did not get, or waits: that is what it does.
        for strike in schedule.strikes where strike.isPlanned && strike.direction == .upstream {
            guard let range = Self.messages(strike, in: transcript) else { continue }
            withhold(range, strike.connection)
        }
        for (connection, first) in unsent.sorted(by: { $0.key < $1.key }) {
            let count = transcript.connection(connection)?.upstream.count ?? 0
            if first <= count { withhold(first...count, connection) }
        }
        var seen: Set<String> = []
        let single = drops.filter { seen.insert($0.id).inserted }
        self.schedule =
            single.isEmpty ? nil : Schedule(schedule.header, conditions: [], strikes: single)
    }

    private static func messages(
        _ strike: Strike, in transcript: Transcript
    ) -> ClosedRange<UInt64>? {
        if case .drop = strike.effect { return strike.message...strike.lastMessage }
        guard let link = transcript.connection(strike.connection)?[strike.direction],
            (1...max(1, link.count)).contains(strike.message), link.count > 0
        else { return nil }
        let length = link.message(strike.message).length
        switch strike.effect {
        case .stall(let sent, nil):
            return rest(of: link, from: strike.message, isWhole: sent >= length)
        case .disconnect, .end:
            guard let cut = strike.effect.cut else { return nil }
            let isWhole = cut.sentBytes >= length
            if cut.then == .stop { return rest(of: link, from: strike.message, isWhole: isWhole) }
            let isResent = cut.resend.contains { $0.contains(strike.message) }
            // Of what nothing was sent belongs to the rest, which is played.
            guard !isResent, !isWhole, cut.sentBytes > 0 else { return nil }
            return strike.message...strike.message
        case .stall, .drop, .delay, .duplicate, .reorder, .overtaken, .corrupt, .unresolved:
            return nil
        }
    }

    private static func rest(
        of link: TranscriptLink, from message: UInt64, isWhole: Bool
    ) -> ClosedRange<UInt64>? {
        let first = isWhole ? message + 1 : message
        return first <= link.count ? first...link.count : nil
    }
}
