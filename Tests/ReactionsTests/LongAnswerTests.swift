import Recordings
import Testing

@testable import Reactions

/// Answers that are longer than what is kept of them, in chunks of many sizes.
@Suite struct LongAnswerTests {
    private static let length = 20_000

    private func bulk(changedAt place: Int? = nil) -> [UInt8] {
        var body = (0..<Self.length).map { UInt8($0 % 251) }
        if let place { body[place] ^= 0x80 }
        return Array("$\(Self.length)\r\n".utf8) + body + Array("\r\n".utf8)
    }

    /// What is found when the recorded answer comes as `actual`, in chunks of so many bytes.
    private func answers(_ actual: [UInt8], chunk: Int) throws -> [Answer] {
        let request = Array("GET k\r\n".utf8)
        let framing = FramingChoice.framer(FramerSettings(name: "redis"))
        var builder = try TranscriptBuilder(framing: framing)
        let file = MemoryFile(request + bulk())
        func event(_ nanoseconds: Int64, _ direction: Direction, _ fact: Event.Fact) -> Event {
            Event(
                at: Instant(nanoseconds: nanoseconds), connection: 1, attempt: 1,
                direction: direction, fact)
        }
        builder.receive(event(1, .upstream, .chunk), request.span, fileOffset: 0)
        builder.receive(
            event(2, .downstream, .chunk), bulk().span, fileOffset: UInt64(request.count))
        var log = try ReactionLog(
            of: builder.finish(), bytes: file, schedule: .init(seed: 1),
            settings: ReactionSettings(framing: framing))
        log.receive(event(1, .upstream, .sent(Sent(message: 1, source: .literal))), request.span)
        var start = 0
        while start < actual.count {
            let end = min(start + chunk, actual.count)
            let piece = Array(actual[start..<end])
            log.receive(event(Int64(start + 2), .downstream, .chunk), piece.span)
            start = end
        }
        log.finish()
        var answers: [Answer] = []
        while let reaction = log.next() {
            if case .answer(let answer) = reaction.what { answers.append(answer) }
        }
        return answers
    }

    @Test(arguments: [1, 7, 1_000, 4_095, 4_096, 4_097, 30_000])
    func `a long answer is the same whatever its chunks`(chunk: Int) throws {
        #expect(try answers(bulk(), chunk: chunk).map(\.compared) == [.same])
    }

    @Test(arguments: [1, 7, 1_000, 4_096, 30_000], [0, 4_000, 4_088, 4_089, 19_999])
    func `a byte that differs in a long answer is found at its place`(chunk: Int, place: Int)
        throws
    {
        let answer = try #require(answers(bulk(changedAt: place), chunk: chunk).first)
        let header = "$\(Self.length)\r\n".utf8.count
        let difference = try #require(answer.difference)
        #expect(answer.compared == .different)
        #expect(difference.offset == UInt64(header + place))
        #expect(difference.expectedBytes == UInt64(bulk().count))
        let shown = Int(difference.excerptOffset)
        let end = min(bulk().count, shown + Difference.excerptBytes)
        #expect(difference.expected == Array(bulk()[shown..<end]))
        #expect(difference.actual == Array(bulk(changedAt: place)[shown..<end]))
    }

    @Test func `a long answer that ends too soon is cut short, and equal as far as it came`()
        throws
    {
        let answer = try #require(answers(Array(bulk().prefix(9_000)), chunk: 1_000).first)
        #expect(answer.compared == .cutShort)
        #expect(answer.bytes == 9_000)
        #expect(answer.difference == nil)
    }

    @Test func `a short answer in the place of a long one differs where it parts`() throws {
        let answer = try #require(answers(Array("$-1\r\n".utf8), chunk: 10).first)
        #expect(answer.compared == .different)
        #expect(answer.difference?.offset == 1)
        #expect(answer.difference?.actual == Array("$-1\r\n".utf8))
    }
}
