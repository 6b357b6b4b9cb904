/// How the answers of a protocol are found that says nothing of them itself.
package enum Pairing: String, Hashable, Sendable, CaseIterable {
    /// The first message downstream answers the first one upstream, and so on.
    case order
    /// No message is an answer: dependencies, flights and resends go by turns.
    case none
}

/// Numbers the messages of both links, and pairs them in order or not at all.
struct PairedNumbers: Sendable {
    private var messages = PerDirection<UInt64>(0)
    private var answered: UInt64 = 0

    /// The next message of a link.
    mutating func next(_ direction: Direction, pairing: Pairing, kind: String) -> Message {
        messages[direction] += 1
        return Message(
            number: messages[direction], role: role(direction, pairing), kind: kind)
    }

    private mutating func role(_ direction: Direction, _ pairing: Pairing) -> Message.Role {
        guard direction == .downstream else { return .request(answers: pairing == .order ? 1 : 0) }
        guard pairing == .order, answered < messages.upstream else { return .unsolicited }
        answered += 1
        return .answer(to: answered, completes: true, isError: false)
    }
}
