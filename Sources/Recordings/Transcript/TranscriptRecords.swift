/// A message as a transcript keeps it: 56 bytes.
struct MessageRecord: Sendable {
    var offset: UInt64
    var length: UInt64
    var began: Int64
    var ended: Int64
    /// Of the event that brought its last byte.
    var endedOrdinal: UInt64
    /// Upstream: answers owed. Downstream: the message it answers, 0 for none.
    var other: UInt32
    /// The number of its group's first message; 0 for none.
    var group: UInt32
    /// An index into the names; the key is 0 without session state.
    var key: UInt32
    var kind: UInt16
    var flags: Flags

    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8
        static let request = Flags(rawValue: 1)
        static let completes = Flags(rawValue: 2)
        static let error = Flags(rawValue: 4)
        static let endsGroup = Flags(rawValue: 8)
        static let credentials = Flags(rawValue: 16)
        /// A handshake's, which make it session state.
        static let authentication = Flags(rawValue: 32)
    }

    init(_ tracked: ExchangeTracker.Tracked, kind: UInt16, key: UInt32) {
        let placed = tracked.placed
        let message = placed.message
        offset = placed.offset
        length = placed.length
        began = placed.began.nanoseconds
        ended = placed.ended.nanoseconds
        endedOrdinal = tracked.endedOrdinal
        self.kind = kind
        self.key = key
        group = UInt32(clamping: message.group ?? 0)
        flags = []
        switch message.role {
        case .request(let answers):
            other = answers
            flags.insert(.request)
        case .answer(let to, let completes, let isError):
            other = UInt32(clamping: to)
            if completes { flags.insert(.completes) }
            if isError { flags.insert(.error) }
        case .unsolicited:
            other = 0
        }
        if message.endsGroup { flags.insert(.endsGroup) }
        if message.carriesCredentials { flags.insert(.credentials) }
        if message.state?.isAuthentication == true { flags.insert(.authentication) }
    }

    var endsGroup: Bool { flags.contains(.endsGroup) }
    var owesAnswers: Bool { flags.contains(.request) && other > 0 }

    func answers(_ number: UInt64) -> Bool {
        !flags.contains(.request) && UInt64(other) == number
    }

    var role: Message.Role {
        if flags.contains(.request) { return .request(answers: other) }
        if other == 0 { return .unsolicited }
        return .answer(
            to: UInt64(other), completes: flags.contains(.completes),
            isError: flags.contains(.error))
    }
}

/// An upstream message's exchange as a transcript keeps it: 56 bytes.
struct ExchangeRecord: Sendable {
    var answerBegan: Int64 = 0
    var answerEnded: Int64 = 0
    var answerBeganOrdinal: UInt64 = 0
    var dependsOnBytes: UInt64 = 0
    var flight: UInt32 = 0
    var dependsOn: UInt32 = 0
    var resendFrom: UInt32 = 0
    /// 0 without an answer.
    var firstAnswer: UInt32 = 0
    var lastAnswer: UInt32 = 0
    var isComplete = false
    var isByTurns = false

    init() {}

    init(_ tracked: ExchangeTracker.Tracked) {
        dependsOnBytes = tracked.dependsOnBytes
        flight = UInt32(clamping: tracked.flight)
        dependsOn = UInt32(clamping: tracked.dependsOn)
        resendFrom = UInt32(clamping: tracked.resendFrom)
        isByTurns = tracked.isByTurns
        if case .request(0) = tracked.placed.message.role { isComplete = true }
    }

    /// Takes over what was known of the answers before the message was whole.
    mutating func add(_ early: ExchangeRecord) {
        answerBegan = early.answerBegan
        answerEnded = early.answerEnded
        answerBeganOrdinal = early.answerBeganOrdinal
        firstAnswer = early.firstAnswer
        lastAnswer = early.lastAnswer
        isComplete = isComplete || early.isComplete
    }
}

extension TranscriptMessage {
    init(number: UInt64, _ record: MessageRecord, _ names: TranscriptNames) {
        let state =
            record.key == 0
            ? nil
            : SessionState(
                key: names.keys[Int(record.key)],
                isAuthentication: record.flags.contains(.authentication))
        self.init(
            number: number, offset: record.offset, length: record.length,
            began: Instant(nanoseconds: record.began), ended: Instant(nanoseconds: record.ended),
            role: record.role, kind: names.kinds[Int(record.kind)], state: state,
            group: record.group == 0 ? nil : UInt64(record.group), endsGroup: record.endsGroup,
            carriesCredentials: record.flags.contains(.credentials))
    }
}

/// The kinds and session keys of a transcript, each once.
struct TranscriptNames: Sendable {
    /// A framer's kinds are a bounded set; more than this are all called `other`.
    static let maximumKinds = 65_535
    static let shared = TranscriptNames()

    private(set) var kinds = ["other"]
    private(set) var keys = [""]
    private var kindIndex: [String: UInt16] = ["other": 0]
    private var keyIndex: [String: UInt32] = [:]

    mutating func index(kind: String) -> UInt16 {
        if let index = kindIndex[kind] { return index }
        guard kinds.count <= Self.maximumKinds else { return 0 }
        let index = UInt16(kinds.count)
        kinds.append(kind)
        kindIndex[kind] = index
        return index
    }

    mutating func index(key: String?) -> UInt32 {
        guard let key else { return 0 }
        if let index = keyIndex[key] { return index }
        let index = UInt32(keys.count)
        keys.append(key)
        keyIndex[key] = index
        return index
    }
}
