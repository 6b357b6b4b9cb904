import Recordings
import Text

/// What a test expects of all its runs: `no failure`, `p99 < 200ms`, `errors <= 3`.
package struct Expectation: Hashable, Sendable, CustomStringConvertible {
    /// As it was written.
    package let description: String
    let claim: Claim

    /// What holds where nothing else is asked for.
    package static let standard = Expectation(description: "no failure", claim: .no(.failure))

    init(description: String, claim: Claim) {
        self.description = description
        self.claim = claim
    }

    /// One run, with what an expectation looks at.
    package struct Run: Sendable {
        package var seed: UInt64
        package var judgement: Judgement
        package var measures: Measures

        package init(seed: UInt64, judgement: Judgement, measures: Measures) {
            self.seed = seed
            self.judgement = judgement
            self.measures = measures
        }
    }

    /// What it says of a run.
    enum Claim: Hashable, Sendable {
        case no(Bad)
        case sameAsBaseline(Compared)
        case time(Time, kind: String?, Relation, TimeAmount)
        case count(Counted, Relation, UInt64)
        case within(Span, TimeAmount)
    }

    enum Bad: Hashable, Sendable {
        case failure, silentFailure, symptom
        case kind(Symptom.Kind)
    }

    enum Compared: String, Hashable, Sendable, CaseIterable {
        case answers, probes
    }

    enum Time: String, Hashable, Sendable, CaseIterable {
        case p50, p90, p99, max
    }

    enum Counted: Hashable, Sendable {
        case errors, retries, closes
        case kind(Symptom.Kind)
    }

    enum Span: String, Hashable, Sendable, CaseIterable {
        case recovers, reconnects
    }

    enum Relation: String, Hashable, Sendable, CaseIterable {
        case less = "<"
        case atMost = "<="
        case more = ">"
        case atLeast = ">="
        case equal = "="

        func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
            switch self {
            case .less: left < right
            case .atMost: left <= right
            case .more: left > right
            case .atLeast: left >= right
            case .equal: left == right
            }
        }
    }
}

/// What is wrong with an expectation, with the nearest that there is.
package struct ExpectationError: Error, Hashable, Sendable, CustomStringConvertible {
    package var message: String
    package var description: String { message }
}
