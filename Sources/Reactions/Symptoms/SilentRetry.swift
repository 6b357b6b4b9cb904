import Recordings

/// The consumer sent the same message again, or reconnected and began again, and said nothing. Only
/// seen where the consumer is the one that dials. With no other effect it makes no failure: a retry
/// may be just what is wanted; `retries <= N` is the expectation for it.
enum SilentRetry: SymptomFinder {
    static let kind = Symptom.Kind.silentRetry

    static func find(in findings: inout Findings) {
        for retry in findings.run.retries {
            findings.report(
                kind, .connection(retry.connection, message: retry.message), at: retry.instant,
                isEffect: false, .resent(times: retry.times, request: retry.request))
        }
    }
}

/// A request that the consumer sent again, as it was seen by the one it dialled.
package struct ObservedRetry: Hashable, Sendable {
    package var connection: UInt32
    package var message: UInt64
    package var instant: Instant
    package var times: UInt64
    /// At most `Difference.excerptBytes`.
    package var request: [UInt8]

    package init(
        connection: UInt32, message: UInt64, at instant: Instant, times: UInt64,
        request: [UInt8]
    ) {
        self.connection = connection
        self.message = message
        self.instant = instant
        self.times = times
        self.request = request
    }
}
