/// Reads commands from a Redis client's link: arrays of bulk strings, and inline commands.
///
/// It keeps of a command only its name, the number of its arguments and, for the commands that
/// change the session, a bounded summary of the arguments. Payloads are skipped by their count.
/// As Redis itself reads them (`networking.c`, `processMultibulkBuffer`, `processInlineBuffer`).
struct RedisCommandReader: Sendable {
    enum Outcome {
        case command(consumed: Int)
        case needMore
        case broken(consumed: Int, reason: String)
    }

    /// Redis's own `PROTO_INLINE_MAX_SIZE`.
    static let maximumInlineBytes = 64 << 10
    /// Redis's default `proto-max-bulk-len`.
    static let maximumBulkBytes = 512 << 20
    static let maximumElements = Int(Int32.max)

    /// The command that ended last.
    private(set) var command = RedisCommandTable.empty
    /// How many arguments it had, its name not counted.
    private(set) var argumentCount = 0
    /// What they said, if the command is one whose arguments matter.
    private(set) var arguments = RedisArguments()

    private enum Phase: UInt8 {
        case start, count, bulkType, bulkLength, payload, payloadReturn, payloadLineFeed
        case inline
    }

    private var phase = Phase.start
    private var number = RedisNumber()
    private var elementsLeft = 0
    private var payloadLeft = 0
    private var element = 0
    private var name = ShortWord()
    private var keepsArguments = false
    private var line = InlineTokens()
    private let table = RedisCommandTable.shared

    /// Whether what was read so far is an array whose strings have begun.
    var isInStrings: Bool { phase == .payload || phase == .payloadReturn || element > 0 }

    mutating func advance(_ bytes: Span<UInt8>) -> Outcome {
        var index = 0
        while index < bytes.count {
            switch phase {
            case .payload:
                index += takePayload(bytes.extracting(index..<bytes.count))
            case .inline:
                return takeInline(bytes, from: index)
            default:
                if let outcome = takeHeader(bytes[index], at: index) { return outcome }
                index += 1
            }
        }
        return .needMore
    }

    // MARK: - Arrays

    @inline(__always)
    private mutating func takeHeader(_ byte: UInt8, at index: Int) -> Outcome? {
        switch phase {
        case .start:
            begin()
            if byte == UInt8(ascii: "*") {
                phase = .count
                return nil
            }
            phase = .inline
            return takeInlineByte(byte, at: index)
        case .count:
            return number.take(byte).outcome(at: index, in: "an array's count") { takeCount(index) }
        case .bulkType:
            guard byte == UInt8(ascii: "$") else {
                return .broken(
                    consumed: index, reason: "a command's array holds something else than strings")
            }
            number = RedisNumber()
            phase = .bulkLength
        case .bulkLength:
            return number.take(byte).outcome(at: index, in: "a string's length") {
                takeLength(index)
            }
        case .payloadReturn:
            guard byte == UInt8(ascii: "\r") else { return badEnd(index) }
            phase = .payloadLineFeed
        case .payloadLineFeed:
            guard byte == UInt8(ascii: "\n") else { return badEnd(index) }
            endArgument()
            elementsLeft -= 1
            if elementsLeft == 0 { return end(index) }
            phase = .bulkType
        case .payload, .inline:
            break
        }
        return nil
    }

    private mutating func begin() {
        number = RedisNumber()
        name = ShortWord()
        element = 0
        if keepsArguments {
            arguments = RedisArguments()
            keepsArguments = false
        }
    }

    private mutating func takeCount(_ index: Int) -> Outcome? {
        guard !number.isStreamed, number.value <= Self.maximumElements else {
            return .broken(consumed: index, reason: "a command has too many arguments")
        }
        guard number.value > 0 else { return end(index) }
        elementsLeft = number.value
        phase = .bulkType
        return nil
    }

    private mutating func takeLength(_ index: Int) -> Outcome? {
        guard !number.isStreamed, number.value >= 0 else {
            return .broken(consumed: index, reason: "a command's string has no length")
        }
        guard number.value <= Self.maximumBulkBytes else {
            return .broken(
                consumed: index, reason: "a string is longer than \(Self.maximumBulkBytes) bytes")
        }
        payloadLeft = number.value
        phase = payloadLeft == 0 ? .payloadReturn : .payload
        return nil
    }

    @inline(__always)
    private mutating func takePayload(_ bytes: Span<UInt8>) -> Int {
        let count = min(payloadLeft, bytes.count)
        if element == 0 {
            for index in 0..<min(count, ShortWord.capacity + 1) { name.append(bytes[index]) }
        } else if keepsArguments {
            for index in 0..<count { arguments.append(bytes[index]) }
        }
        payloadLeft -= count
        if payloadLeft == 0 { phase = .payloadReturn }
        return count
    }

    private mutating func endArgument() {
        if element == 0 {
            command = table.find(name)
            keepsArguments = command.effect.needsArguments
        } else if keepsArguments {
            arguments.endArgument()
        }
        element += 1
    }

    private mutating func end(_ index: Int) -> Outcome {
        if element == 0 { command = RedisCommandTable.empty }
        argumentCount = max(0, element - 1)
        phase = .start
        return .command(consumed: index + 1)
    }

    private func badEnd(_ index: Int) -> Outcome {
        .broken(consumed: index, reason: "a string does not end where its length says")
    }

    // MARK: - Inline commands

    private mutating func takeInline(_ bytes: Span<UInt8>, from start: Int) -> Outcome {
        for index in start..<bytes.count {
            if let outcome = takeInlineByte(bytes[index], at: index) { return outcome }
        }
        return .needMore
    }

    private mutating func takeInlineByte(_ byte: UInt8, at index: Int) -> Outcome? {
        switch line.take(byte) {
        case .byte:
            if element == 0 {
                name.append(byte)
            } else if keepsArguments {
                arguments.append(byte)
            }
        case .tokenEnd:
            endArgument()
        case .lineEnd(let endsToken):
            if endsToken { endArgument() }
            line = InlineTokens()
            return end(index)
        case .nothing:
            break
        }
        guard line.count < Self.maximumInlineBytes else {
            return .broken(
                consumed: index,
                reason: "an inline command is longer than \(Self.maximumInlineBytes) bytes")
        }
        return nil
    }
}

extension RedisNumber.Step {
    @inline(__always)
    fileprivate func outcome(
        at index: Int, in place: String, whenDone: () -> RedisCommandReader.Outcome?
    ) -> RedisCommandReader.Outcome? {
        switch self {
        case .more: nil
        case .done: whenDone()
        case .bad: .broken(consumed: index, reason: "\(place) is not a number")
        }
    }
}
