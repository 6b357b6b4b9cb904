import Recordings

/// Taking a verdict back that no other run bears out.
extension Judgement {
    /// Whether it is a failure that was looked into, and nothing of it is settled.
    package var isUnproved: Bool {
        guard verdict == .failedSilently || verdict == .failedLoudly else { return false }
        let blames = symptoms.filter(\.isEffect).compactMap(\.blame)
        return !blames.isEmpty && blames.allSatisfy { !$0.isSettled }
    }

    /// One more run without faults shows something wrong, too: its baseline is none (row 2 of the
    /// decision table).
    package mutating func withdraw(because symptom: Symptom) {
        verdict = .inconclusive
        reasons.insert(
            "it did not show again for sure, and one more clean run shows \(symptom.kind.rawValue) "
                + "at \(symptom.place.text) without any fault; answers that depend on which "
                + "connection comes first vary by themselves: replay fewer (--only), or leave "
                + "such fields out (--ignore)", at: 0)
    }
}

extension Symptom {
    /// Whether one run is enough to say so: what is late comes and goes with the machine.
    package var isProvedByOnce: Bool { isEffect && kind != .delayed }
}
