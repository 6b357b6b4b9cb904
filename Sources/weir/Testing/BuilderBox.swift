import Reactions
import Recordings

/// Takes the reactions of a run as they come, and makes one observation of them.
final class BuilderBox {
    private var builder: ObservationBuilder
    /// Only where the consumer is the one that dials.
    private var retries: ConsumerRetries?
    /// Requests that the recording has on another connection.
    private var elsewhere: UInt64 = 0

    init(_ builder: ObservationBuilder, seesRetries: Bool) {
        self.builder = builder
        if seesRetries { retries = ConsumerRetries() }
    }

    func receive(_ reaction: Reaction) {
        builder.receive(reaction)
        retries?.add(reaction)
        if case .elsewhere = reaction.what { elsewhere += 1 }
    }

    func finish(_ take: Take, _ source: ReplaySource, ending: RunEnding) -> Observation {
        if let retries {
            // What any reconnect sends again is no retry.
            let resent = retries.resends.filter { !$0.resent.isSessionState }
            builder.receive(
                asked: take.report.served.expected + elsewhere,
                retries: resent.map { resend in
                    ObservedRetry(
                        connection: resend.resent.connection, message: resend.resent.message,
                        at: resend.instant, times: 1,
                        wasAnswered: resend.resent.answer == .reused,
                        request: source.excerpt(
                            of: resend.resent.message, on: resend.resent.connection))
                },
                retryCount: retries.resendCount,
                reconnectNanoseconds: retries.longestReconnectNanoseconds,
                notReconnected: retries.abandonedCount(take.outcomes, of: source.transcript))
        }
        builder.receive(missedOutputBytes: take.missedOutputBytes)
        return builder.finish(take.outcomes, of: source.transcript, ending: ending)
    }
}

extension ReplaySource {
    /// The first bytes of a recorded upstream message, as a report shows them.
    fileprivate func excerpt(of message: UInt64, on connection: UInt32) -> [UInt8] {
        guard let link = transcript.connection(connection)?.upstream,
            message > 0, message <= link.count
        else { return [] }
        let place = link.message(message)
        let end = place.offset + min(place.length, UInt64(Difference.excerptBytes))
        guard let recorded = try? recordedBytes() else { return [] }
        var bytes: [UInt8] = []
        for extent in link.places(place.offset..<end) {
            var piece = [UInt8](repeating: 0, count: Int(extent.count))
            let isRead = piece.withUnsafeMutableBytes {
                (try? recorded.copyBytes(at: extent.fileOffset, into: $0)) != nil
            }
            guard isRead else { return bytes }
            bytes += piece
        }
        return bytes
    }
}
