import Recordings

extension Fuzzer {
    static let recording = Fuzzer(
        name: "recording",
        summary:
            "a damaged file: no event that was not written, no loss unsaid, clean once repaired",
        smokeRounds: 1_500
    ) { dice throws(FuzzFailure) in
        let problem: String?
        do throws(RecordingFileError) {
            problem = try RecordingRound(&dice).problem()
        } catch {
            throw FuzzFailure("reading failed where it must not: \(error)")
        }
        if let problem { throw FuzzFailure(problem) }
    }
}

/// One recording, damaged, and what must hold of reading it.
private struct RecordingRound {
    private var file: MemoryFile
    private let written: [Event]
    /// Contents were changed and checksums made right again: other events may come out.
    private var isForged = false

    init(_ dice: inout FuzzDice) throws(RecordingFileError) {
        var writer = try RecordingWriter(
            RecordingHeader(toolVersion: "fuzz"), session: dice.next(), to: MemoryFile(),
            capacity: 4096 * (1 + dice.below(2)))
        var written: [Event] = []
        for turn in 0..<dice.below(120) {
            let event = Self.event(turn, &dice)
            written.append(event)
            try writer.append(event, [UInt8](repeating: dice.byte(), count: dice.below(90)).span)
            if dice.isOne(in: 20) { try writer.flush() }
        }
        if dice.isOne(in: 4) { try writer.flush() } else { try writer.finish() }
        self.written = written
        file = writer.sink
        for _ in 0..<dice.below(4) { damage(&dice) }
    }

    /// Instants rise, so that each event is known again by its own.
    private static func event(_ turn: Int, _ dice: inout FuzzDice) -> Event {
        let connection = UInt32(1 + dice.below(4))
        let direction: Direction = dice.isOne(in: 2) ? .upstream : .downstream
        let fact: Event.Fact
        switch dice.below(7) {
        case 0: fact = .opened(route: 0, client: "c", server: "s")
        case 1: fact = .finished(by: .client)
        case 2: fact = .strike(StrikeOutcome(id: "a@1u\(turn)", result: .applied))
        case 3: fact = .sent(Sent(message: 1, strike: "x", source: .literal))
        default: fact = .chunk
        }
        return Event(
            at: Instant(nanoseconds: Int64(turn)), connection: connection, attempt: 1,
            direction: direction, fact)
    }

    private mutating func damage(_ dice: inout FuzzDice) {
        let count = file.bytes.count
        guard count > 0 else { return }
        let blocks = count / 4096
        let place = dice.below(count)
        switch dice.below(8) {
        case 0, 1: file.bytes[place] = dice.byte()
        case 2: file.bytes.removeLast(dice.below(count))
        case 3:
            let end = min(count, place + dice.below(5_000))
            for index in place..<end { file.bytes[index] = 0 }
        case 4:
            let start = dice.below(max(1, blocks)) * 4096
            file.bytes.removeSubrange(start..<min(count, start + 4096))
        case 5:
            let start = dice.below(max(1, blocks)) * 4096
            let copy = Array(file.bytes[start..<min(count, start + 4096)])
            file.bytes.insert(contentsOf: copy, at: dice.below(blocks + 1) * 4096)
        case 6: file.bytes += (0..<dice.below(9_000)).map { _ in dice.byte() }
        default: forge(&dice)
        }
    }

    /// Changes a block's content or its header, and makes the checksums right again.
    private mutating func forge(_ dice: inout FuzzDice) {
        let start = dice.below(max(1, file.bytes.count / 4096)) * 4096
        guard start + 4096 <= file.bytes.count,
            case .header(var header) = BlockHeader.decode(
                file.bytes.span.extracting(start..<(start + 4096)))
        else { return }
        isForged = true
        let end = min(file.bytes.count, start + Int(header.usedLength))
        let content = (start + BlockHeader.length)..<end
        for _ in 0..<dice.below(4) where !content.isEmpty {
            file.bytes[content.lowerBound + dice.below(min(400, content.count))] = dice.byte()
        }
        switch dice.below(6) {
        case 0: header.kind = UInt8(dice.below(6))
        case 1: header.sequence = dice.isOne(in: 2) ? .max : UInt64(dice.below(9))
        case 2: header.first = Instant(nanoseconds: dice.isOne(in: 2) ? .min : .max)
        case 3: header.events = .max
        case 4: header.highestConnection = .max
        default: break
        }
        header.checksum = Checksum.crc32c(file.bytes.span.extracting(content))
        var block = Array(file.bytes[start..<(start + 4096)])
        var span = block.mutableSpan
        header.encode(into: &span)
        file.bytes.replaceSubrange(start..<(start + 4096), with: block)
    }

    /// What does not hold; nil when all does.
    func problem() throws(RecordingFileError) -> String? {
        guard var reader = try opened(file) else { return nil }
        var readable: [Event] = []
        let notes = try reader.forEachEvent { event, _, _ in readable.append(event) }
        let real = readable.filter { !isGap($0) }
        if !isForged {
            var rest = written[...]
            for event in real {
                guard let place = rest.firstIndex(of: event) else {
                    return "an event came out that was not written, or not there"
                }
                rest = rest[(place + 1)...]
            }
            if real.count < written.count && !notes.damages.contains(where: \.losesEvents) {
                return "events are missing, and it is not said"
            }
        }
        // With the index and from the headers: nothing but what the whole pass gave.
        var some: [Event] = []
        let middle = Instant(nanoseconds: 40)
        try reader.forEachEvent(from: middle, connections: [2]) { event, _, _ in
            some.append(event)
        }
        if !isForged && notes.isClean
            && some != real.filter({ $0.instant >= middle && $0.connection == 2 })
        {
            return "a part of the recording is not what the whole says of it"
        }
        _ = try reader.summary(.framer(FramerSettings(name: "line")))
        return try problem(afterRepairOf: &reader, readable)
    }

    private func problem(
        afterRepairOf reader: inout RecordingReader<MemoryFile>, _ readable: [Event]
    ) throws(RecordingFileError) -> String? {
        let repaired = try RecordingCheck.repair(&reader, to: MemoryFile(), capacity: 8192)
        var second = try RecordingReader(repaired.sink)
        let check = try RecordingCheck(&second)
        guard check.isClean else { return "what was repaired is damaged: \(check.damages[0])" }
        var events: [Event] = []
        try second.forEachEvent { event, _, _ in events.append(event) }
        return events.starts(with: readable) ? nil : "what was repaired has other events"
    }

    /// nil where it is right to refuse the file.
    private func opened(
        _ file: MemoryFile
    ) throws(RecordingFileError) -> RecordingReader<MemoryFile>? {
        do throws(RecordingFileError) {
            return try RecordingReader(file)
        } catch {
            switch error {
            case .empty, .notARecording, .newerVersion: return nil
            case .headerTooLong, .cannotRead, .cannotWrite: throw error
            }
        }
    }

    private func isGap(_ event: Event) -> Bool {
        if case .gap = event.fact { true } else { false }
    }
}
