import Recordings

/// The consumer sent the same message again, or reconnected and began again, and said nothing. Only
/// seen where the consumer is the one that dials. With no other effect it makes no failure: a retry
/// may be just what is wanted; `retries <= N` is the expectation for it.
enum SilentRetry: SymptomFinder {
    static let kind = Symptom.Kind.silentRetry

    static func find(in findings: inout Findings) {
        // How often it sends again what it sends again by itself says nothing: one that polls does
        // so the oftener the longer a run takes.
        for retry in findings.run.retries
        where !findings.baseline.habits.contains(RepeatedRequest(retry)) {
            findings.report(
                kind, .connection(retry.connection, message: retry.message), at: retry.instant,
                isEffect: false, .resent(times: retry.times, request: retry.request))
        }
    }
}

/// A recorded request that came again, whatever the connection it came on.
struct RepeatedRequest: Hashable, Sendable {
    var connection: UInt32
    var message: UInt64
    /// Whether its earlier answer had been sent whole. What is sent again for want of an answer is
    /// no habit, even if the same request is one.
    var wasAnswered: Bool

    init(connection: UInt32, message: UInt64, wasAnswered: Bool) {
        self.connection = connection
        self.message = message
        self.wasAnswered = wasAnswered
    }

    init(_ retry: ObservedRetry) {
        self.init(
            connection: retry.connection, message: retry.message, wasAnswered: retry.wasAnswered)
    }
}

/// A request that the consumer sent again, as it was seen by the one it dialled.
package struct ObservedRetry: Hashable, Sendable {
    /// Where it stands in the recording.
    package var connection: UInt32
    package var message: UInt64
    package var instant: Instant
    package var times: UInt64
    /// Whether its earlier answer had been sent whole.
    package var wasAnswered: Bool
    /// At most `Difference.excerptBytes`.
    package var request: [UInt8]

    package init(
        connection: UInt32, message: UInt64, at instant: Instant, times: UInt64,
        wasAnswered: Bool = false, request: [UInt8]
    ) {
        self.connection = connection
        self.message = message
        self.instant = instant
        self.times = times
        self.wasAnswered = wasAnswered
        self.request = request
    }
}
