import Recordings
import Text

/// All that a test found out: `verdict.json` and every report are made of this value.
package struct TestResult: Hashable, Sendable {
    /// The worst of the seeds' verdicts, in the order of `Verdict`'s rank.
    package var verdict: Verdict
    package var test: About
    package var baseline: BaselineAccount
    /// One for each faulted run, in the order of running. Where no faults were asked for, the third
    /// clean run, judged.
    package var runs: [JudgedRun]
    package var expectations: [ExpectationResult]

    package init(
        verdict: Verdict, test: About, baseline: BaselineAccount, runs: [JudgedRun],
        expectations: [ExpectationResult]
    ) {
        self.verdict = verdict
        self.test = test
        self.baseline = baseline
        self.runs = runs
        self.expectations = expectations
    }

    /// Which test it was, and how to repeat it.
    package struct About: Hashable, Sendable {
        package var recording: String
        package var identity: String
        package var framing: FramingChoice
        package var consumer: String
        package var started: Timestamp
        /// The folder of the test, and the command line that does it again.
        package var folder: String
        package var repeating: String

        package init(
            recording: String, identity: String, framing: FramingChoice, consumer: String,
            started: Timestamp, folder: String, repeating: String
        ) {
            self.recording = recording
            self.identity = identity
            self.framing = framing
            self.consumer = consumer
            self.started = started
            self.folder = folder
            self.repeating = repeating
        }
    }

    /// One run of the test, judged.
    package struct JudgedRun: Hashable, Sendable {
        package var seed: UInt64
        /// Its folder's name inside the test's: `seed-7`.
        package var folder: String
        package var nanoseconds: Int64
        package var judgement: Judgement

        package init(seed: UInt64, folder: String, nanoseconds: Int64, judgement: Judgement) {
            self.seed = seed
            self.folder = folder
            self.nanoseconds = nanoseconds
            self.judgement = judgement
        }

        /// The folder in a test's that those of regressions lie in.
        package static let regressions = "regressions"

        /// The regression whose run it is: its folder's name; nil: a seed's.
        package var regression: String? {
            let parts = folder.split(separator: "/")
            guard parts.count > 1, parts[0] == Self.regressions else { return nil }
            return String(parts[1])
        }

        /// Which run it is, whether it counts itself or one of its repeats does: its folder,
        /// without `again-1`.
        package var place: String {
            var parts = folder.split(separator: "/")
            if parts.count > 1, parts.last?.hasPrefix("again-") == true { parts.removeLast() }
            return parts.joined(separator: "/")
        }
    }
}

/// What the clean runs said.
package struct BaselineAccount: Hashable, Sendable {
    package var cleanRuns: Int
    /// Why nothing can be judged against it; empty: it is stable.
    package var unstable: [String]
    /// Fields that were masked because clean runs differ there: the kind of message, the field's
    /// place in it in words, and how many tokens.
    package var masked: [Coverage.Reason]
    /// Lateness limits by kind of message.
    package var limits: [Limit]
    /// What became of late answers in the third clean run; nil: there were none.
    package var repeats: Repeats?

    package struct Limit: Hashable, Sendable {
        package var kind: String
        package var samples: UInt64
        package var p99Nanoseconds: Int64
        /// nil: too few samples.
        package var limitNanoseconds: Int64?

        package init(
            kind: String, samples: UInt64, p99Nanoseconds: Int64, limitNanoseconds: Int64?
        ) {
            self.kind = kind
            self.samples = samples
            self.p99Nanoseconds = p99Nanoseconds
            self.limitNanoseconds = limitNanoseconds
        }
    }

    package init(
        cleanRuns: Int, unstable: [String] = [], masked: [Coverage.Reason] = [],
        limits: [Limit] = []
    ) {
        self.cleanRuns = cleanRuns
        self.unstable = unstable
        self.masked = masked
        self.limits = limits
    }
}

/// An expectation, and whether it held: `p99 < 200ms`.
package struct ExpectationResult: Hashable, Sendable {
    /// As it was written.
    package var text: String
    /// nil: it could not be decided.
    package var held: Bool?
    /// What was found instead: `p99 was 312 ms (seed 7)`.
    package var found: String

    package init(text: String, held: Bool?, found: String) {
        self.text = text
        self.held = held
        self.found = found
    }
}
