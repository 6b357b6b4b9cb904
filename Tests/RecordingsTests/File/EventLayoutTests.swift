import Testing

@testable import Recordings

@Suite struct EventLayoutTests {
    @Test(arguments: EventKind.allCases)
    func `an event of every kind is read back as it was written`(kind: EventKind) throws {
        let seed: UInt64 = 21
        print("seed \(seed)")
        var dice = TestDice(seed: seed &+ UInt64(kind.rawValue))
        for _ in 0..<200 {
            let event = dice.event(kind)
            let bytes = EventLayout.carriesBytes(event.fact) ? dice.bytes(300) : []
            var block = [UInt8](repeating: 0xee, count: 2_000)
            var span = block.mutableSpan
            let end = EventLayout.encode(event, bytes.span, into: &span, at: 3)
            #expect(end == 3 + EventLayout.length(of: event, bytes: bytes.count))
            #expect(block[end] == 0xee)
            let expected = EventLayout.Decoded.event(
                event, bytes: (end - bytes.count)..<end, next: end)
            #expect(EventLayout.decode(block.span, at: 3, end: end) == expected)
            #expect(Array(block[(end - bytes.count)..<end]) == bytes)
        }
    }

    @Test(arguments: EventKind.allCases)
    func `an event that is cut anywhere is malformed, or another whole one`(kind: EventKind) {
        var dice = TestDice(seed: 22 + UInt64(kind.rawValue))
        let event = dice.event(kind)
        var block = [UInt8](repeating: 0, count: 2_000)
        var span = block.mutableSpan
        let end = EventLayout.encode(event, Span(), into: &span, at: 0)
        for cut in 0..<end {
            guard case .malformed = EventLayout.decode(block.span, at: 0, end: cut) else {
                Issue.record("cut at \(cut) of \(end)")
                continue
            }
        }
        // The length itself is made shorter: fields are missing.
        for length in 0..<(end - EventLayout.headLength) {
            var shorter = block
            shorter[16] = UInt8(truncatingIfNeeded: length)
            shorter[17] = UInt8(truncatingIfNeeded: length >> 8)
            let decoded = EventLayout.decode(shorter.span, at: 0, end: end)
            guard case .malformed = decoded else {
                Issue.record("\(length) of \(end) bytes: \(decoded)")
                continue
            }
        }
    }

    @Test func `a text that is too long is cut between two characters`() {
        let duck = "🦆"
        for lead in ["", "a", "ab", "abc"] {
            let text = lead + String(repeating: duck, count: EventLayout.maximumTextBytes / 4)
            let kept = EventLayout.fitting(text)
            if text.utf8.count <= EventLayout.maximumTextBytes {
                #expect(kept == text)
            } else {
                #expect(kept.utf8.count <= EventLayout.maximumTextBytes)
                #expect(kept.utf8.count > EventLayout.maximumTextBytes - 8)
                #expect(kept.hasSuffix(duck + "…"))
            }
        }
    }

    @Test func `bytes that are too many for one event are shared out to several`() {
        let bytes = (0..<10).map { UInt8($0) }
        func pieces(_ fact: Event.Fact) -> [Recorded] {
            var pieces: [Recorded] = []
            EventLayout.split(Event(at: .start, fact), bytes.span, at: 4) { event, bytes in
                pieces.append(Recorded(event: event, bytes: bytes.indices.map { bytes[$0] }))
            }
            return pieces
        }
        #expect(pieces(.chunk).map(\.bytes) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
        let sent = pieces(.sent(Sent(message: 3, offset: 100, source: .literal)))
        #expect(sent.map(\.bytes) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
        let offsets = sent.map { piece -> UInt64 in
            if case .sent(let sent) = piece.event.fact { sent.offset } else { 0 }
        }
        #expect(offsets == [100, 104, 108])
        let command = pieces(.command(name: "probe", exitCode: 0, tookNanoseconds: 1))
        #expect(command.map(\.bytes) == [[0, 1, 2, 3]])
    }

    @Test func `no kind of event ever changes its number`() {
        let numbers = EventKind.allCases.map { "\($0) \($0.rawValue)" }
        #expect(
            numbers == [
                "dialled 1", "opened 2", "refused 3", "chunk 4", "sent 5", "finished 6", "reset 7",
                "failed 8", "stalled 9", "resumed 10", "gap 11", "strike 12", "mark 13",
                "output 14", "exited 15", "command 16",
            ])
    }
}
