/// Redis: RESP2 and RESP3, pipelines, pushes, transactions, and connections that go quiet.
///
/// Answers come in the order of the requests. What Redis sends unasked is told apart as its server
/// does it (`networking.c`, `pubsub.c`): RESP3's pushes by their type, RESP2's by their first word
/// while a subscription stands, and a monitor's lines by their digits.
package struct RedisFramer: Framer {
    package static let name = "redis"

    private var commands = RedisCommandReader()
    private var replies = RedisReplyReader()
    private var requests: UInt64 = 0
    private var answers: UInt64 = 0
    private var outstanding = OutstandingRequests<RedisRequest>()
    private var subscriptions = RedisSubscriptions()

    /// The number of the `MULTI` that is open.
    private var transaction: UInt64?
    /// `CLIENT REPLY OFF`, and `CLIENT REPLY SKIP` for the next command.
    private var repliesOff = false
    private var skipsNext = false
    private var isVersion3 = false
    private var isMonitoring = false
    /// Why the other link's messages cannot be paired any more.
    private var upstreamEnd: String?
    private var downstreamEnded = false

    package init() {}

    package mutating func advance(_ bytes: Span<UInt8>, _ direction: Direction) -> FramingStep {
        direction == .upstream ? advanceUpstream(bytes) : advanceDownstream(bytes)
    }

    package mutating func lost(_ direction: Direction) {
        if direction == .upstream {
            upstreamEnd = "requests are missing"
        } else {
            endDownstream()
        }
    }

    // MARK: - Requests

    private mutating func advanceUpstream(_ bytes: Span<UInt8>) -> FramingStep {
        switch commands.advance(bytes) {
        case .needMore:
            return .needMore
        case .command(let consumed):
            return request(consumed)
        case .broken(let consumed, let reason):
            upstreamEnd = "the requests cannot be read: \(reason)"
            return .lostSync(consumed: consumed, reason: reason)
        }
    }

    private mutating func request(_ consumed: Int) -> FramingStep {
        let effect = commands.command.effect
        if effect == .replicate && transaction == nil {
            let reason = "\(commands.command.name) makes it a replication stream"
            upstreamEnd = reason
            return .lostSync(consumed: 0, reason: reason)
        }
        requests += 1
        var message = Message(
            number: requests, role: .request(answers: 0), kind: commands.command.name)
        message.state = sessionState(effect)
        join(&message, effect)
        let owed = answersOwed(effect, inTransaction: message.group != nil)
        message.role = .request(answers: owed)
        // In a transaction a command is answered `+QUEUED`, whatever it is.
        let isQueued = message.group != nil && effect != .reset
        let request = RedisRequest(
            number: requests, left: owed, effect: isQueued ? .none : effect,
            isForAll: commands.argumentCount == 0)
        if owed > 0 && !downstreamEnded && !outstanding.append(request) {
            let reason =
                "more than \(OutstandingRequests<RedisRequest>.limit) requests await an answer"
            upstreamEnd = reason
            return .lostSync(consumed: 0, reason: reason)
        }
        if owed > 0 && RedisSubscriptions.Word(confirming: request.effect) != nil {
            subscriptions.wasSent()
        }
        return .message(consumed: consumed, message)
    }

    /// Puts the message in the open transaction, or opens or ends one with it.
    private mutating func join(_ message: inout Message, _ effect: RedisCommandTable.Effect) {
        message.group = transaction
        switch effect {
        case .multi:
            transaction = transaction ?? message.number
            message.group = transaction
        case .endTransaction, .reset:
            message.endsGroup = transaction != nil
            transaction = nil
        default:
            break
        }
    }

    private mutating func answersOwed(
        _ effect: RedisCommandTable.Effect, inTransaction: Bool
    ) -> UInt32 {
        let isSkipped = skipsNext
        skipsNext = false
        if effect == .client && !inTransaction, let mode = commands.replyMode {
            switch mode {
            case .on:
                repliesOff = false
                return 1
            case .off:
                repliesOff = true
                return 0
            case .skip:
                skipsNext = !repliesOff
                return 0
            }
        }
        if effect == .reset { repliesOff = false }
        var count: UInt32 = 1
        if effect == .nothing {
            count = 0
        } else if inTransaction {
            subscriptions.requestInTransaction(effect)
        } else {
            count = subscriptions.request(effect, arguments: commands.argumentCount)
        }
        replies.watchesArrays = subscriptions.wereAsked
        return repliesOff || isSkipped ? 0 : count
    }

    private func sessionState(_ effect: RedisCommandTable.Effect) -> SessionState? {
        switch effect {
        case .authenticate:
            return SessionState(key: "AUTH", isAuthentication: true)
        case .hello:
            return SessionState(
                key: "HELLO", isAuthentication: commands.arguments.contains(ShortWord("AUTH")))
        case .reset:
            return SessionState(key: "RESET")
        default:
            // What a transaction holds is no part of the session until EXEC, and is played with it.
            guard transaction == nil else { return nil }
            return commands.sessionKey.map { SessionState(key: $0) }
        }
    }

    // MARK: - Answers

    private mutating func advanceDownstream(_ bytes: Span<UInt8>) -> FramingStep {
        if let reason = upstreamEnd, replies.beginsMessage, outstanding.isEmpty, !bytes.isEmpty {
            // What ends here in order is an error answer to the bytes that could not be read.
            guard bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: ">") else {
                endDownstream()
                return .lostSync(consumed: 0, reason: reason)
            }
        }
        switch replies.advance(bytes) {
        case .needMore:
            return .needMore
        case .message(let consumed):
            answers += 1
            let kind = Self.kind(replies.type)
            return .message(
                consumed: consumed, Message(number: answers, role: roleOfAnswer(), kind: kind))
        case .broken(let consumed, let reason):
            endDownstream()
            return .lostSync(consumed: consumed, reason: reason)
        }
    }

    private mutating func endDownstream() {
        downstreamEnded = true
        outstanding.removeAll()
    }

    private mutating func roleOfAnswer() -> Message.Role {
        let type = replies.type
        if replies.sawVersion3 {
            isVersion3 = true
            replies.sawVersion3 = false
        }
        let isPush = type == UInt8(ascii: ">")
        if isPush || (replies.watchesArrays && type == UInt8(ascii: "*") && !isVersion3) {
            switch RedisSubscriptions.Word(replies.word) {
            case .subscribed(let family): return confirmation(.subscribed(family), family)
            case .unsubscribed(let family): return confirmation(.unsubscribed(family), family)
            case .delivery where isPush || subscriptions.mayPush: return .unsolicited
            case .delivery, nil: break
            }
        }
        if isPush || (isMonitoring && isMonitorLine(type)) { return .unsolicited }
        // A request with several answers has had its last one when another kind of answer comes.
        if !outstanding.isEmpty && outstanding.first.hasBegun { endFirstRequest() }
        guard !outstanding.isEmpty else { return .unsolicited }
        let request = outstanding.first
        endFirstRequest()
        let isError = type == UInt8(ascii: "-") || type == UInt8(ascii: "!")
        if request.effect != .none && !isError { apply(request.effect, type: type) }
        return .answer(to: request.number, completes: true, isError: isError)
    }

    private mutating func endFirstRequest() {
        let effect = outstanding.first.effect
        outstanding.removeFirst()
        guard effect != .none else { return }
        if RedisSubscriptions.Word(confirming: effect) != nil { subscriptions.wasAnswered() }
    }

    /// The server says that something was subscribed to, or no longer is.
    private mutating func confirmation(
        _ word: RedisSubscriptions.Word, _ family: RedisSubscriptions.Family
    ) -> Message.Role {
        subscriptions.confirm(family, total: replies.integer)
        if !outstanding.isEmpty && outstanding.first.hasBegun
            && RedisSubscriptions.Word(confirming: outstanding.first.effect) != word
        {
            endFirstRequest()
        }
        guard !outstanding.isEmpty,
            RedisSubscriptions.Word(confirming: outstanding.first.effect) == word
        else {
            // Left over from a transaction, sent while replies are off, or because a slot moved.
            return .unsolicited
        }
        let request = outstanding.first
        let isLast = request.isForAll ? subscriptions.isNone(family) : request.left <= 1
        if isLast {
            endFirstRequest()
        } else {
            outstanding.first.hasBegun = true
            if request.left > 1 { outstanding.first.left -= 1 }
        }
        return .answer(to: request.number, completes: isLast, isError: false)
    }

    private mutating func apply(_ effect: RedisCommandTable.Effect, type: UInt8) {
        switch effect {
        case .hello:
            isVersion3 = type == UInt8(ascii: "%")
        case .monitor:
            isMonitoring = true
        case .reset:
            isMonitoring = false
            isVersion3 = false
            subscriptions.reset()
        default:
            break
        }
    }

    /// `+1339518083.107412 [0 127.0.0.1:60866] "PING"`: no status begins with a digit.
    private func isMonitorLine(_ type: UInt8) -> Bool {
        type == UInt8(ascii: "+") && replies.firstLineByte >= UInt8(ascii: "0")
            && replies.firstLineByte <= UInt8(ascii: "9")
    }
}
