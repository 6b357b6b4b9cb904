import Faults
import Recordings

/// What one run of a test is reduced to: all that a verdict rests on, and nothing else.
///
/// Memory: 72 bytes an answer and what `Limits` allow; a million answers need about 190 MiB.
package struct Observation: Sendable {
    package var limits = Limits()
    /// By connection, message and part; one of each, the last that counts.
    var answers: [ObservedAnswer] = []
    /// The kinds of messages, as answers name them by index.
    var kinds: [String] = []
    var contents = ContentStore()
    /// By number.
    var connections: [ObservedConnection] = []
    package internal(set) var probes: [ObservedProbe] = []
    /// In order of time.
    package internal(set) var health: [HealthCheck] = []
    var signs = ObservedSigns()
    /// Requests that the consumer sent again, where that can be seen.
    package internal(set) var retries: [ObservedRetry] = []
    /// How many of the recorded messages a consumer that dials sent, each counted once; nil: it is
    /// the one that is dialled.
    package internal(set) var asked: UInt64?
    package internal(set) var crash: Crash?
    /// Each strike of the schedule with what became of it, where it is about a place.
    package internal(set) var strikes: [OutcomeLedger.Entry] = []
    /// Those that cover anything of what was played, and how many do not.
    package internal(set) var conditions: [String] = []
    var idleConditions: UInt64 = 0
    package internal(set) var counts = StrikeCounts()
    /// Whether a fault made Weir read slowly: answers then come late by Weir's own doing.
    var isReadSlowly = false
    /// Whether faults were asked for, even if the schedule has none.
    package internal(set) var asksForFaults = false
    package internal(set) var ending = RunEnding.completed
    package internal(set) var measures = Measures()
    /// What was too much to keep, and how much of it.
    package internal(set) var notKept: [Coverage.Reason] = []

    /// Answers from this one on are not all there, because there were too many: what came in
    /// which order decided which.
    var firstLost: ObservedAnswer.Key?
    /// From which upstream message on nothing was sent whole, on connections that a strike on what
    /// Weir receives ended, or stalled for ever: by its recorded number, and perhaps behind the
    /// last. Where such a strike lands depends on the run.
    package internal(set) var unsent: [UInt32: UInt64] = [:]
    /// Whether a strike ended a connection for good that is not read as messages (to its end): no
    /// clean run can leave out what it kept from being sent.
    var hasUnreadableCut = false

    package init() {}

    /// What is kept of one run at most.
    package struct Limits: Hashable, Sendable {
        /// Answers; those beyond are counted, not compared, nor is what lies behind one of them.
        package var answers = 4 << 20
        /// Bytes of all contents; those beyond are compared by length and hash.
        package var contentBytes = 64 << 20
        /// Pushes, turns, error answers and loud lines, of each.
        package var pushes = 1 << 20
        package var signs = 1 << 16
        package var connections = 1 << 20

        package init() {}
    }

    /// Its process ended while the run went on.
    package struct Crash: Hashable, Sendable {
        package var code: Int32
        package var instant: Instant
    }
}

/// How a run came to its end.
package enum RunEnding: Hashable, Sendable {
    case completed
    case interrupted
    /// The recording could not be read to its end, and why.
    case unreadable(String)
    /// Weir itself went wrong, and how.
    case defect(String)
}

/// What a probe said after a run.
package struct ObservedProbe: Hashable, Sendable {
    package var name: String
    package var exitCode: Int32
    package var instant: Instant
    package var output: Content
}

/// Whether the consumer was well at one instant.
package struct HealthCheck: Hashable, Sendable {
    package var instant: Instant
    package var passed: Bool

    package init(at instant: Instant, passed: Bool) {
        self.instant = instant
        self.passed = passed
    }
}

/// Amounts of one run that expectations speak of.
package struct Measures: Hashable, Sendable {
    package var serviceTimes = ServiceTimes()
    /// Error answers, those to copies too.
    package var errorAnswers: UInt64 = 0
    /// Ends by the consumer that nobody had asked for.
    package var unaskedEnds: UInt64 = 0
    /// Requests that came again, where that can be seen.
    package var retries: UInt64?
    /// The longest time from a cut until the consumer dialled again, where that can be seen.
    package var reconnectNanoseconds: Int64?
    /// Connections that a strike cut before all of them was played, and that the consumer never
    /// dialled again.
    package var notReconnected: UInt64 = 0

    package init() {}
}

/// An answer, or that there is none.
struct ObservedAnswer: Hashable, Sendable {
    enum State: UInt8, Hashable, Sendable {
        case whole, cutShort, missing
    }

    var connection: UInt32
    var attempt: UInt16
    /// Of its message, and its own.
    var kind: UInt16
    var answerKind: UInt16
    var message: UInt64
    var part: UInt32
    var state: State
    var isError: Bool
    /// Whether the recording has none there.
    var isExtra: Bool
    /// Its place among the schedule's strikes and one more; 0: none.
    var strike: UInt32
    var instant: Instant
    /// Negative: unknown.
    var service: Int64
    var content: StoredContent

    /// Which answer it is.
    struct Key: Hashable, Comparable {
        var connection: UInt32
        var message: UInt64
        var part: UInt32

        static func < (left: Key, right: Key) -> Bool {
            (left.connection, left.message, left.part)
                < (right.connection, right.message, right.part)
        }
    }

    var key: Key { Key(connection: connection, message: message, part: part) }
}

/// A connection over all its attempts.
struct ObservedConnection: Hashable, Sendable {
    var number: UInt32
    var attempts: UInt16 = 0
    /// The last message that was sent whole, as far as was seen.
    var furthest: UInt64 = 0
    var pushes: [ObservedPush] = []
    /// Where answers cannot be paired: all bytes that came, by turns.
    var turns: ObservedTurns?
    /// When the consumer ended it although nobody had asked for it.
    var endedUnasked: Instant?
    /// The last attempt to connect failed.
    var refused: Instant?
    /// Whether an attempt failed that was followed by one that did not, and when it stood again.
    var reopened: Instant?
    /// From when on it cannot be read as messages any more, though in the recording it can.
    var lostSync: Instant?
    var lostSyncReason = ""
    var lastInstant = Instant.start
}

/// A message that nobody had asked for.
struct ObservedPush: Hashable, Sendable {
    var attempt: UInt16
    var instant: Instant
    var kind: UInt16
    var isCutShort: Bool
    var content: StoredContent
}

/// What came on a connection whose answers cannot be paired.
struct ObservedTurns: Hashable, Sendable {
    /// The ends of more turns than this are not kept.
    static let keptEnds = 4_096

    /// All that came on the last attempt.
    var content = Content()
    /// Where turns end, in bytes from the attempt's start.
    var ends: [UInt64] = []
    var attempt: UInt16 = 0
    var instant = Instant.start

    /// The turn that has this byte, from 1.
    func turn(at offset: UInt64) -> UInt64 {
        UInt64(ends.firstIndex { $0 > offset } ?? max(0, ends.count - 1)) + 1
    }
}
