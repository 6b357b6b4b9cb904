import Reactions
import Recordings
import Text

/// Symptoms that are told as one: answers on one connection that have the same thing wrong. Where a
/// connection breaks, all its later answers are missing; that is one thing to read, not sixty.
package struct SymptomGroup: Sendable {
    /// The first of them, which is told in full.
    package let first: Symptom
    package private(set) var count: UInt64 = 1
    private(set) var lastMessage: UInt64

    private init(_ symptom: Symptom) {
        first = symptom
        lastMessage = symptom.place.message ?? 0
    }

    /// What symptoms of one group have in common.
    private struct Key: Hashable {
        var kind: Symptom.Kind
        var connection: UInt32
        var evidence: String
        var isEffect: Bool
        var isLoud: Bool
        var blame: Blame?
    }

    private static func key(_ symptom: Symptom) -> Key? {
        guard case .answer(let connection, _, _) = symptom.place else { return nil }
        return Key(
            kind: symptom.kind, connection: connection, evidence: symptom.evidence.name,
            isEffect: symptom.isEffect, isLoud: symptom.isLoud, blame: symptom.blame)
    }

    /// In the order of the first of each.
    package static func groups(_ symptoms: [Symptom]) -> [SymptomGroup] {
        var groups: [SymptomGroup] = []
        var places: [Key: Int] = [:]
        for symptom in symptoms {
            let key = key(symptom)
            if let key, let place = places[key] {
                groups[place].count += 1
                groups[place].lastMessage = max(
                    groups[place].lastMessage, symptom.place.message ?? 0)
            } else {
                if let key { places[key] = groups.count }
                groups.append(SymptomGroup(symptom))
            }
        }
        return groups
    }

    /// `connection 1, message 45 and 17 more up to 62: no answer came (15 B expected)`
    var sentence: String {
        guard count > 1 else { return first.sentence }
        let rest = " and \((count - 1).grouped) more up to \(lastMessage)"
        return "\(first.place.words)\(rest): \(first.finding)"
    }
}
