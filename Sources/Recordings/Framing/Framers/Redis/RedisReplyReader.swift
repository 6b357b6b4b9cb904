/// Reads what a Redis server sends: RESP2 and RESP3 values of any depth, one message each.
///
/// Payloads are skipped by their count. As specified in redis-specifications, `RESP3.md`: an
/// attribute (`|`) is a part of the message it stands in front of, and streamed strings and
/// aggregates (`$?`, `*?`, `%?`, `~?`) end with their marks.
struct RedisReplyReader: Sendable {
    enum Outcome {
        case message(consumed: Int)
        case needMore
        case broken(consumed: Int, reason: String)
    }

    static let maximumLineBytes = 1 << 20
    static let maximumBulkBytes = RedisCommandReader.maximumBulkBytes
    static let maximumElements = RedisCommandReader.maximumElements
    static let maximumDepth = 128

    /// The type byte of the message at hand, attributes aside; 0 before it is known.
    private(set) var type: UInt8 = 0
    /// The byte behind the type of a message that is a line; 0 where it is empty.
    private(set) var firstLineByte: UInt8 = 0
    /// The first string and the last number of a push, or of an array where `watchesArrays` is set.
    private(set) var word = ShortWord()
    private(set) var integer = 0
    /// Whether a type that only RESP3 has was seen since this was last set to false.
    var sawVersion3 = false
    /// Whether arrays may be pushes (RESP2's subscribed mode), so that their first word matters.
    var watchesArrays = false

    private enum Phase: UInt8 {
        case type, line, lineFeed, number, payload, payloadReturn, payloadLineFeed, partType
    }

    private struct Level: Sendable {
        /// Elements still to come; -1: until an end mark.
        var left: Int
        var isAttribute: Bool
        static let streamed = -1
    }

    private var phase = Phase.type
    private var isBetweenMessages = true
    /// Of the element at hand.
    private var elementType: UInt8 = 0
    private var number = RedisNumber()
    private var lineBytes = 0
    private var payloadLeft = 0
    private var isPart = false
    private var levels: [Level] = []
    /// How many elements of the outermost aggregate have begun, where its words matter.
    private var outerElements = 0
    private var keepsWords = false
    private var keepsThis = false

    /// The first byte of the next message would be the first of this span.
    var beginsMessage: Bool { isBetweenMessages }

    mutating func advance(_ bytes: Span<UInt8>) -> Outcome {
        var index = 0
        if isBetweenMessages && !bytes.isEmpty { begin() }
        while index < bytes.count {
            switch phase {
            case .payload:
                index += takePayload(bytes.extracting(index..<bytes.count))
                continue
            case .line:
                index += takeLine(bytes.extracting(index..<bytes.count))
                if lineBytes > Self.maximumLineBytes {
                    return .broken(
                        consumed: index - 1,
                        reason: "a line is longer than \(Self.maximumLineBytes) bytes")
                }
                continue
            default:
                break
            }
            switch takeHeader(bytes[index]) {
            case .goOn: index += 1
            case .ended:
                isBetweenMessages = true
                return .message(consumed: index + 1)
            case .broken(let reason): return .broken(consumed: index, reason: reason)
            }
        }
        return .needMore
    }

    private mutating func begin() {
        isBetweenMessages = false
        type = 0
        firstLineByte = 0
        keepsWords = false
        keepsThis = false
    }

    // MARK: - Bytes that are skipped

    @inline(__always)
    private mutating func takePayload(_ bytes: Span<UInt8>) -> Int {
        let count = min(payloadLeft, bytes.count)
        if keepsThis {
            for index in 0..<min(count, ShortWord.capacity + 1) { word.append(bytes[index]) }
        }
        payloadLeft -= count
        if payloadLeft == 0 { phase = .payloadReturn }
        return count
    }

    /// A line up to its CR, which is taken too.
    @inline(__always)
    private mutating func takeLine(_ bytes: Span<UInt8>) -> Int {
        if lineBytes == 0 && levels.isEmpty { firstLineByte = bytes[0] }
        let limit = min(bytes.count, Self.maximumLineBytes + 1 - lineBytes)
        var index = 0
        while index < limit {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\r") {
                phase = .lineFeed
                lineBytes += index - 1
                return index
            }
            if keepsThis { keep(byte) }
        }
        lineBytes += index
        return index
    }

    private mutating func keep(_ byte: UInt8) {
        if elementType != UInt8(ascii: ":") {
            word.append(byte)
        } else if byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") {
            integer = min(integer, Int(Int32.max)) * 10 + Int(byte - UInt8(ascii: "0"))
        }
    }

    // MARK: - Headers

    private enum HeaderStep {
        case goOn
        case ended
        case broken(String)
    }

    @inline(__always)
    private mutating func takeHeader(_ byte: UInt8) -> HeaderStep {
        switch phase {
        case .type:
            return takeType(byte)
        case .number:
            switch number.take(byte) {
            case .more: return .goOn
            case .done: return takeNumber()
            case .bad: return .broken("a length is not a number")
            }
        case .payloadReturn:
            guard byte == UInt8(ascii: "\r") else { return .broken(Self.badEnd) }
            phase = .payloadLineFeed
            return .goOn
        case .payloadLineFeed:
            guard byte == UInt8(ascii: "\n") else { return .broken(Self.badEnd) }
            if isPart {
                phase = .partType
                return .goOn
            }
            return finishElement()
        case .lineFeed:
            guard byte == UInt8(ascii: "\n") else { return .broken("a CR stands without LF") }
            return elementType == UInt8(ascii: ".") ? finishStreamed() : finishElement()
        case .partType:
            guard byte == UInt8(ascii: ";") else {
                return .broken("a streamed string goes on with something else than ';'")
            }
            startNumber()
            return .goOn
        case .payload, .line:
            return .goOn
        }
    }

    private static let badEnd = "a string does not end where its length says"

    private mutating func takeType(_ byte: UInt8) -> HeaderStep {
        elementType = byte
        if levels.isEmpty && byte != UInt8(ascii: "|") {
            type = byte
        } else if keepsWords && levels.count == 1 {
            startOuterElement(byte)
        }
        switch byte {
        case UInt8(ascii: "$"), UInt8(ascii: "*"):
            startNumber()
        case UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "%"), UInt8(ascii: "~"),
            UInt8(ascii: ">"), UInt8(ascii: "|"):
            sawVersion3 = true
            startNumber()
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ":"):
            startLine()
        case UInt8(ascii: "_"), UInt8(ascii: ","), UInt8(ascii: "#"), UInt8(ascii: "("):
            sawVersion3 = true
            startLine()
        case UInt8(ascii: ".") where levels.last?.left == Level.streamed:
            startLine()
        default:
            return .broken("no type of RESP begins with byte \(byte)")
        }
        return .goOn
    }

    private mutating func startNumber() {
        number = RedisNumber()
        isPart = phase == .partType
        phase = .number
    }

    private mutating func startLine() {
        lineBytes = 0
        phase = .line
    }

    /// The first string and the last number of a possible push are kept.
    private mutating func startOuterElement(_ byte: UInt8) {
        outerElements += 1
        if outerElements == 1 {
            word = ShortWord()
            integer = 0
            keepsThis = byte == UInt8(ascii: "$") || byte == UInt8(ascii: "+")
        } else {
            keepsThis = byte == UInt8(ascii: ":")
            if keepsThis { integer = 0 }
        }
    }

    private mutating func takeNumber() -> HeaderStep {
        switch elementType {
        case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"): takeLength()
        default: takeCount()
        }
    }

    private mutating func takeLength() -> HeaderStep {
        if number.isStreamed {
            guard !isPart, elementType == UInt8(ascii: "$") else {
                return .broken("a length is not a number")
            }
            phase = .partType
            return .goOn
        }
        if isPart && number.value == 0 {
            isPart = false
            return finishElement()
        }
        if number.value < 0 {
            guard number.value == -1, elementType == UInt8(ascii: "$"), !isPart else {
                return .broken("a length is negative")
            }
            return finishElement()
        }
        guard number.value <= Self.maximumBulkBytes else {
            return .broken("a string is longer than \(Self.maximumBulkBytes) bytes")
        }
        payloadLeft = number.value
        phase = payloadLeft == 0 ? .payloadReturn : .payload
        return .goOn
    }

    private mutating func takeCount() -> HeaderStep {
        let isAttribute = elementType == UInt8(ascii: "|")
        if number.value < 0 {
            guard number.value == -1, elementType == UInt8(ascii: "*") else {
                return .broken("a count is negative")
            }
            return finishElement()
        }
        guard number.value <= Self.maximumElements else {
            return .broken("an aggregate has more than \(Self.maximumElements) elements")
        }
        let isPairs = isAttribute || elementType == UInt8(ascii: "%")
        let count = number.isStreamed ? Level.streamed : number.value * (isPairs ? 2 : 1)
        phase = .type
        if count == 0 { return isAttribute ? .goOn : finishElement() }
        guard levels.count < Self.maximumDepth else {
            return .broken("values are nested deeper than \(Self.maximumDepth)")
        }
        if levels.isEmpty && !isAttribute {
            let isPush = elementType == UInt8(ascii: ">")
            keepsWords = isPush || (watchesArrays && elementType == UInt8(ascii: "*"))
            outerElements = 0
            word = ShortWord()
        }
        levels.append(Level(left: count, isAttribute: isAttribute))
        return .goOn
    }

    // MARK: - Ends

    /// A value ended, and with it perhaps the aggregates around it, and the message.
    @inline(__always)
    private mutating func finishElement() -> HeaderStep {
        phase = .type
        keepsThis = false
        while let last = levels.indices.last {
            guard levels[last].left != Level.streamed else { return .goOn }
            levels[last].left -= 1
            guard levels[last].left == 0 else { return .goOn }
            // What an attribute describes is still to come.
            if levels.removeLast().isAttribute { return .goOn }
        }
        return .ended
    }

    private mutating func finishStreamed() -> HeaderStep {
        phase = .type
        guard lineBytes == 0, let level = levels.popLast() else {
            return .broken("an end mark is not empty")
        }
        return level.isAttribute ? .goOn : finishElement()
    }
}
