/// Each chunk is a message: for traffic that no framer reads, with `units=chunks`.
package struct ChunkFramer: Framer {
    package static let name = "chunks"

    private var messages = PerDirection<UInt64>(0)

    package init() {}

    package var pairsAnswers: Bool { false }

    package mutating func advance(_ bytes: Span<UInt8>, _ direction: Direction) -> FramingStep {
        messages[direction] += 1
        let role: Message.Role = direction == .upstream ? .request(answers: 0) : .unsolicited
        return .message(
            consumed: bytes.count,
            Message(number: messages[direction], role: role, kind: "chunk"))
    }

    package static func recognises(
        upstream: Span<UInt8>, downstream: Span<UInt8>
    ) -> Recognition { .no }
}
