/// PostgreSQL's protocol 3.0 and 3.2, as its documentation has it ("Frontend/Backend Protocol").
///
/// A message is one protocol message. Each step of the extended protocol has its own answer; a
/// group goes up to its Sync. ReadyForQuery is the last word to a query and to a Sync, and after an
/// error the steps up to the Sync are never answered. Notices and notifications are unsolicited,
/// and so are parameters outside of the start-up. Cancel requests come on connections of their own.
///
/// The start-up with its authentication is a handshake. `SET`, `RESET`, `LISTEN` and `DISCARD` in
/// simple queries outside of transactions are session state; prepared statements are not, because
/// a Parse alone is not answered: what uses one on a new connection fails loudly.
package struct PostgreSQLFramer: Framer {
    package static let name = "postgresql"

    /// What a request waits for.
    enum Wait: UInt8, Sendable {
        /// One byte, whether the connection is encrypted.
        case encryption
        case startUp, password
        /// ReadyForQuery.
        case query, sync
        /// One answer of the extended protocol.
        case step
    }

    struct Request: Sendable {
        var number: UInt64
        var wait: Wait
    }

    private enum Phase: UInt8 {
        /// Before the start-up message.
        case start
        case session
        /// Behind a cancel request nothing follows.
        case cancelled
    }

    var requests = PostgreSQLReader(.client, isTyped: false)
    var answers = PostgreSQLReader(.server, isTyped: true)
    var outstanding = OutstandingRequests<Request>()
    /// Data are expected, so that a Sync is passed over (extended protocol only).
    var isCopyingIn = false
    /// A step of the extended protocol failed, and its Sync was not answered yet.
    var hasFailed = false
    /// As of the last ReadyForQuery.
    var isInTransaction = false

    /// The server asked for a password otherwise than in clear text.
    var isChallenged = false

    private var phase = Phase.start
    private var requestCount: UInt64 = 0
    private var answerCount: UInt64 = 0
    private var passwords = 0
    private var groups = PostgreSQLGroups()
    /// Why neither link can be read any more.
    private var encryption: String?
    private var upstreamEnd: String?
    private var downstreamEnded = false

    package init() {}

    package mutating func advance(_ bytes: Span<UInt8>, _ direction: Direction) -> FramingStep {
        guard !bytes.isEmpty else { return .needMore }
        if let encryption { return .lostSync(consumed: 0, reason: encryption) }
        return direction == .upstream ? advanceUpstream(bytes) : advanceDownstream(bytes)
    }

    package mutating func lost(_ direction: Direction) {
        if direction == .upstream {
            upstreamEnd = upstreamEnd ?? "requests are missing"
        } else {
            endDownstream()
        }
    }

    // MARK: - Requests

    private mutating func advanceUpstream(_ bytes: Span<UInt8>) -> FramingStep {
        if requests.beginsMessage && phase == .start && bytes[0] == 0x16 {
            return breakUpstream(0, Self.inTLS)
        }
        guard phase != .cancelled else {
            return breakUpstream(0, "bytes follow a cancel request")
        }
        switch requests.advance(bytes) {
        case .needMore:
            return .needMore
        case .broken(let taken, let reason):
            return breakUpstream(taken, reason)
        case .message(let taken):
            var message = Message(number: requestCount + 1, role: .request(answers: 0))
            let wait: Wait?
            if phase == .start {
                guard let opening = takeOpening(&message) else {
                    return breakUpstream(0, "a start-up message is not of protocol 3")
                }
                wait = opening.wait
            } else {
                wait = takeRequest(&message)
            }
            requestCount += 1
            guard let wait else { return .message(consumed: taken, message) }
            message.role = .request(answers: 1)
            let request = Request(number: requestCount, wait: wait)
            if !downstreamEnded && !outstanding.append(request) {
                return breakUpstream(
                    0, "more than \(OutstandingRequests<Request>.limit) requests await an answer")
            }
            return .message(consumed: taken, message)
        }
    }

    private static let inTLS = "it goes on in TLS"

    private mutating func breakUpstream(_ consumed: Int, _ reason: String) -> FramingStep {
        upstreamEnd = "the requests cannot be read: \(reason)"
        return .lostSync(consumed: consumed, reason: reason)
    }

    private struct Opening {
        var wait: Wait?
    }

    /// A message without a type byte; nil where it is none that is known.
    private mutating func takeOpening(_ message: inout Message) -> Opening? {
        switch requests.code {
        case PostgreSQLCodes.sslRequest: message.kind = "SSLRequest"
        case PostgreSQLCodes.gssRequest: message.kind = "GSSENCRequest"
        case PostgreSQLCodes.cancelRequest:
            message.kind = "CancelRequest"
            phase = .cancelled
            return Opening(wait: nil)
        case let code? where code >> 16 == 3:
            message.kind = "StartupMessage"
            message.state = SessionState(key: message.kind)
            phase = .session
            requests.isTyped = true
            return Opening(wait: .startUp)
        default: return nil
        }
        message.state = SessionState(key: message.kind)
        return Opening(wait: .encryption)
    }

    /// - Returns: what the message waits for; nil where nothing answers it.
    private mutating func takeRequest(_ message: inout Message) -> Wait? {
        let type = requests.type
        message.kind = requests.kind
        var takesCopyData = false
        if type == UInt8(ascii: "Q") {
            let statement = PostgreSQLStatement(
                requests.kept, isWhole: requests.bodyBytes <= requests.kept.count)
            takesCopyData = statement.takesCopyData
            if !isInTransaction {
                message.state = statement.sessionKey.map { SessionState(key: $0) }
            }
        }
        groups.join(&message, type: type, takesCopyData: takesCopyData)
        switch type {
        case UInt8(ascii: "Q"), UInt8(ascii: "F"): return .query
        case UInt8(ascii: "P"), UInt8(ascii: "B"), UInt8(ascii: "D"), UInt8(ascii: "E"),
            UInt8(ascii: "C"):
            return .step
        case UInt8(ascii: "S"): return isCopyingIn ? nil : .sync
        case UInt8(ascii: "p"):
            // All of an exchange are played again, in order.
            passwords += 1
            message.state = SessionState(
                key: "PasswordMessage \(passwords)", isAuthentication: true,
                answersChallenge: isChallenged)
            return .password
        case UInt8(ascii: "c"), UInt8(ascii: "f"):
            isCopyingIn = false
            return nil
        default: return nil
        }
    }

    // MARK: - Answers

    private mutating func advanceDownstream(_ bytes: Span<UInt8>) -> FramingStep {
        if answers.beginsMessage {
            if let upstreamEnd, outstanding.isEmpty, !Self.comesUnasked(bytes[0]) {
                return breakDownstream(0, upstreamEnd)
            }
            if !outstanding.isEmpty, outstanding.first.wait == .encryption,
                bytes[0] != UInt8(ascii: "E")
            {
                return takeEncryption(bytes[0])
            }
        }
        switch answers.advance(bytes) {
        case .needMore:
            return .needMore
        case .broken(let taken, let reason):
            return breakDownstream(taken, reason)
        case .message(let taken):
            answerCount += 1
            return .message(
                consumed: taken,
                Message(number: answerCount, role: roleOfAnswer(), kind: answers.kind))
        }
    }

    private mutating func breakDownstream(_ consumed: Int, _ reason: String) -> FramingStep {
        endDownstream()
        return .lostSync(consumed: consumed, reason: reason)
    }

    private mutating func endDownstream() {
        downstreamEnded = true
        outstanding.removeAll()
    }

    /// Errors, and what comes at any time.
    private static func comesUnasked(_ type: UInt8) -> Bool {
        type == UInt8(ascii: "E") || type == UInt8(ascii: "N") || type == UInt8(ascii: "S")
            || type == UInt8(ascii: "A")
    }

    private mutating func takeEncryption(_ byte: UInt8) -> FramingStep {
        switch byte {
        case UInt8(ascii: "S"): encryption = Self.inTLS
        case UInt8(ascii: "G"): encryption = "it goes on encrypted by GSSAPI"
        case UInt8(ascii: "N"): break
        default:
            return breakDownstream(0, "byte \(byte) answers the request for encryption")
        }
        answerCount += 1
        let request = outstanding.first.number
        outstanding.removeFirst()
        return .message(
            consumed: 1,
            Message(
                number: answerCount, role: .answer(to: request, completes: true, isError: false),
                kind: encryption == nil ? "EncryptionRefused" : "EncryptionGranted"))
    }

    // MARK: - Detection

    /// A message without a type byte, of a version or with a code that is known.
    package static func recognises(
        upstream: Span<UInt8>, downstream: Span<UInt8>
    ) -> Recognition {
        // A server never speaks first.
        guard !upstream.isEmpty else { return downstream.isEmpty ? .undecided : .no }
        var reader = PostgreSQLReader(.client, isTyped: false)
        let front = upstream.extracting(0..<min(8, upstream.count))
        if case .broken = reader.advance(front) { return .no }
        guard let code = reader.code else { return .undecided }
        return PostgreSQLCodes.isKnown(code) ? .yes : .no
    }
}

/// What stands in place of a version where no session begins ("Message Formats").
enum PostgreSQLCodes {
    static let cancelRequest: UInt32 = 80_877_102
    static let sslRequest: UInt32 = 80_877_103
    static let gssRequest: UInt32 = 80_877_104
    private static let versions: ClosedRange<UInt32> = 196_608...196_610

    static func isKnown(_ code: UInt32) -> Bool {
        versions.contains(code) || (cancelRequest...gssRequest).contains(code)
    }
}
