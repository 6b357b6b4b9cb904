import Recordings

/// One named difference between what the consumer did and what it does without faults.
package struct Symptom: Hashable, Sendable {
    /// What kind of difference it is; each is found in a file of its own in `Symptoms/`.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// An answer's service time is above its limit.
        case delayed
        /// An answer or a session ended short of the baseline.
        case partial
        /// An answer to a message that was not struck differs, or a probe's result does.
        case inconsistent
        /// The connection stays open, but its last answers are missing or wrong while the health
        /// check passes.
        case upButWrong = "up-but-wrong"
        /// The consumer sent the same message again, or reconnected and began again, and said
        /// nothing.
        case silentRetry = "silent-retry"
        /// The consumer's process ended while the run went on.
        case crashed
    }

    /// Where it showed.
    package enum Place: Hashable, Sendable {
        /// The answer to this upstream message of a recorded connection.
        case answer(connection: UInt32, attempt: UInt16, message: UInt64)
        /// A message that nobody asked for: its place among the pushes of the connection, from 1.
        case push(connection: UInt32, attempt: UInt16, number: UInt64)
        /// What came before Weir sent again, where answers cannot be paired: the how-many-eth.
        case turn(connection: UInt32, attempt: UInt16, number: UInt64)
        /// A connection as a whole, from this message on where there is one.
        case connection(UInt32, message: UInt64?)
        /// What a probe printed after the run.
        case probe(String)
        /// The consumer's process.
        case process

        /// nil where only a probe or the process shows it.
        package var connection: UInt32? {
            switch self {
            case .answer(let connection, _, _), .push(let connection, _, _),
                .turn(let connection, _, _), .connection(let connection, _):
                connection
            case .probe, .process: nil
            }
        }

        /// The upstream message; nil where there is none.
        package var message: UInt64? {
            switch self {
            case .answer(_, _, let message): message
            case .connection(_, let message): message
            case .push, .turn, .probe, .process: nil
            }
        }
    }

    /// Expected and actual.
    package enum Evidence: Hashable, Sendable {
        /// Bytes that part from the baseline's.
        case bytes(Difference)
        /// So many bytes were expected, and none came.
        case missing(expected: [UInt8], expectedBytes: UInt64)
        /// An answer took longer than the limit, which so many clean samples gave.
        case lateness(
            serviceNanoseconds: Int64, limitNanoseconds: Int64, cleanP99Nanoseconds: Int64,
            samples: UInt64)
        /// A probe's exit code.
        case exitCode(expected: Int32, actual: Int32)
        /// Requests that came again: how often, and with which bytes (an excerpt).
        case resent(times: UInt64, request: [UInt8])
        /// In words, where there is nothing to put side by side.
        case words(String)
    }

    package var kind: Kind
    package var place: Place
    /// In the faulted run.
    package var instant: Instant
    /// Whether it makes a failure by itself: a wrong answer to an untouched message, say. Lateness
    /// that ended before the run did is none.
    package var isEffect: Bool
    /// The strikes' (and conditions') ids that may stand behind it: those that were applied before
    /// it, the likeliest first. At most `maximumSuspects`.
    package var suspects: [String]
    package var evidence: Evidence
    /// How the consumer said so; empty: it did not, which is silence. At most `maximumSigns`.
    package var signs: [LoudSign]
    /// What was proved of the strike behind it; nil: nothing was tried.
    package var blame: Blame?

    package static let maximumSuspects = 16
    package static let maximumSigns = 4

    package var isLoud: Bool { !signs.isEmpty }

    package init(
        _ kind: Kind, _ place: Place, at instant: Instant, isEffect: Bool, suspects: [String] = [],
        evidence: Evidence, signs: [LoudSign] = [], blame: Blame? = nil
    ) {
        self.kind = kind
        self.place = place
        self.instant = instant
        self.isEffect = isEffect
        self.suspects = suspects
        self.evidence = evidence
        self.signs = signs
        self.blame = blame
    }

    /// Whether it is the same symptom, seen in another run: its kind at its place, whatever the
    /// attempt.
    package func isSame(as other: Symptom) -> Bool {
        guard kind == other.kind else { return false }
        switch (place, other.place) {
        case (.answer(let connection, _, let message), .answer(let other, _, let otherMessage)):
            return connection == other && message == otherMessage
        case (.push(let connection, _, let number), .push(let other, _, let otherNumber)):
            return connection == other && number == otherNumber
        case (.turn(let connection, _, let number), .turn(let other, _, let otherNumber)):
            return connection == other && number == otherNumber
        case (.connection(let connection, _), .connection(let other, _)):
            return connection == other
        case (.probe(let name), .probe(let other)): return name == other
        case (.process, .process): return true
        default: return false
        }
    }

    /// Whether it is the same symptom, seen in another run of the same schedule or of a part of it:
    /// also another late answer of the connection, where the same strike is the likeliest behind
    /// both.
    package func isAgain(_ other: Symptom) -> Bool {
        if isSame(as: other) { return true }
        guard kind == .delayed, other.kind == .delayed, let likeliest = suspects.first else {
            return false
        }
        return place.connection == other.place.connection && likeliest == other.suspects.first
    }
}

/// A way in which the consumer said that something was wrong, from the strike until a second after
/// the effect.
package struct LoudSign: Hashable, Sendable {
    package enum How: String, Hashable, Sendable, CaseIterable {
        case errorAnswer = "error-answer"
        case closedUnasked = "closed-unasked"
        case exitedNonZero = "exited"
        case logLine = "log-line"
    }

    package var how: How
    package var instant: Instant
    /// The line, the exit code, the answer's first bytes.
    package var text: String

    package init(_ how: How, at instant: Instant, _ text: String) {
        self.how = how
        self.instant = instant
        self.text = text
    }
}

/// What was proved of the strikes that stand behind a symptom, by running again.
package struct Blame: Hashable, Sendable {
    /// Shown in so many of so many runs.
    package struct Count: Hashable, Sendable {
        package var shown: Int
        package var runs: Int

        package init(_ shown: Int, of runs: Int) {
            self.shown = shown
            self.runs = runs
        }

        /// `3 of 3`
        package var text: String { "\(shown) of \(runs)" }
    }

    /// The strikes (or conditions), usually one: without one of several the symptom is gone.
    package var strikes: [String]
    /// With them alone, and without them.
    package var with: Count
    package var without: Count
    /// What else there is to know: that other strikes make the same symptom by themselves, say.
    package var notes: [String]

    package init(strikes: [String], with: Count, without: Count, notes: [String] = []) {
        self.strikes = strikes
        self.with = with
        self.without = without
        self.notes = notes
    }

    /// Whether the counts separate: always with them, never without.
    package var isSettled: Bool {
        !strikes.isEmpty && with.runs > 0 && with.shown == with.runs && without.runs > 0
            && without.shown == 0
    }
}
