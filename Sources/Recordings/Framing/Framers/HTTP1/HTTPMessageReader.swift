/// Reads one link of an HTTP/1 connection: a head, then the body that it is told to expect.
///
/// Where a response ends depends on its request (RFC 9112 §6.3), which only the framer knows: so
/// the end of a head is told, and `expect` says what follows.
struct HTTPMessageReader: Sendable {
    enum Outcome {
        /// Call `expect` next.
        case head(taken: Int)
        case message(taken: Int)
        case needMore
        case broken(taken: Int, reason: String)
    }

    enum Body: Sendable {
        case none
        case counted(UInt64)
        case chunked
        /// Until the link ends.
        case untilEnd
    }

    /// A start line and its fields are at most this long together, and so are trailers.
    static let maximumHeadBytes = 256 << 10

    private enum Phase: Sendable {
        /// Between messages.
        case idle
        case startLine, fields
        /// The head is whole, and what follows is not known.
        case undecided
        case counted(left: UInt64)
        case chunked(HTTPChunkReader)
        case untilEnd
    }

    private let isRequest: Bool
    private var phase = Phase.idle
    private var headBytes = 0
    private(set) var startLine: HTTPStartLine
    private(set) var fields: HTTPFields

    init(isRequest: Bool) {
        self.isRequest = isRequest
        startLine = HTTPStartLine(isRequest: isRequest)
        fields = HTTPFields(isRequest ? .request : .response)
    }

    /// The next byte is the first of a message.
    var beginsMessage: Bool {
        if case .idle = phase { true } else { false }
    }

    /// The message lasts until the link ends.
    var lastsUntilEnd: Bool {
        if case .untilEnd = phase { true } else { false }
    }

    mutating func advance(_ bytes: Span<UInt8>) -> Outcome {
        switch phase {
        case .idle, .startLine, .fields:
            return takeHead(bytes)
        case .undecided:
            preconditionFailure("what follows a head was not said")
        case .counted(let left):
            let taken = Int(min(left, UInt64(bytes.count)))
            guard left > UInt64(taken) else { return end(taken) }
            phase = .counted(left: left - UInt64(taken))
            return .needMore
        case .chunked(var chunks):
            let outcome = chunks.advance(bytes)
            phase = .chunked(chunks)
            switch outcome {
            case .ended(let taken): return end(taken)
            case .needMore: return .needMore
            case .broken(let taken, let reason): return .broken(taken: taken, reason: reason)
            }
        case .untilEnd:
            return .needMore
        }
    }

    /// What follows the head.
    /// - Returns: whether the message has ended with it.
    mutating func expect(_ body: Body) -> Bool {
        switch body {
        case .none, .counted(0): phase = .idle
        case .counted(let length): phase = .counted(left: length)
        case .chunked: phase = .chunked(HTTPChunkReader())
        case .untilEnd: phase = .untilEnd
        }
        return beginsMessage
    }

    private mutating func end(_ taken: Int) -> Outcome {
        phase = .idle
        return .message(taken: taken)
    }

    private mutating func takeHead(_ bytes: Span<UInt8>) -> Outcome {
        if case .idle = phase, !bytes.isEmpty { begin() }
        let room = Self.maximumHeadBytes - headBytes
        let head = bytes.extracting(0..<min(room, bytes.count))
        var index = 0
        if case .startLine = phase {
            switch takeStartLine(head) {
            case (let taken, .done):
                index = taken
                phase = .fields
            case (let taken, .bad(let reason)): return .broken(taken: taken, reason: reason)
            case (let taken, .more): index = taken
            }
        }
        if case .fields = phase {
            let (taken, step) = fields.advance(head.extracting(index..<head.count))
            index += taken
            switch step {
            case .done:
                phase = .undecided
                return .head(taken: index)
            case .bad(let reason): return .broken(taken: index, reason: reason)
            case .more: break
            }
        }
        headBytes += index
        guard head.count == bytes.count else {
            return .broken(
                taken: index, reason: "a head is longer than \(Self.maximumHeadBytes) bytes")
        }
        return .needMore
    }

    private mutating func begin() {
        phase = .startLine
        headBytes = 0
        startLine = HTTPStartLine(isRequest: isRequest)
        fields = HTTPFields(isRequest ? .request : .response)
        hasBegun = !isRequest
        isAfterReturn = false
    }

    /// Whether the start line has begun: before a request's, empty lines are passed over (§2.2).
    private var hasBegun = false
    private var isAfterReturn = false

    private mutating func takeStartLine(_ bytes: Span<UInt8>) -> (taken: Int, HTTPStartLine.Step) {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if !hasBegun && skipsEmptyLine(byte) {
                index += 1
                continue
            }
            guard !isAfterReturn else { return (index, .bad("a CR stands without LF")) }
            hasBegun = true
            switch startLine.take(byte) {
            case .more: index += 1
            case .done: return (index + 1, .done)
            case .bad(let reason): return (index, .bad(reason))
            }
        }
        return (index, .more)
    }

    private mutating func skipsEmptyLine(_ byte: UInt8) -> Bool {
        if byte == UInt8(ascii: "\n") {
            isAfterReturn = false
            return true
        }
        guard byte == UInt8(ascii: "\r"), !isAfterReturn else { return false }
        isAfterReturn = true
        return true
    }
}
