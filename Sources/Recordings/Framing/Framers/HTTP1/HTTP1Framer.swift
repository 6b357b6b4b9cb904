/// HTTP/1.0 and HTTP/1.1 (RFC 9112): requests and responses, pipelined or not.
///
/// Responses come in the order of the requests; those with a status of 1xx come before the last
/// word. What a switched connection (101) or a tunnel (CONNECT) carries is not read. A status of
/// 400 and more is an error answer.
package struct HTTP1Framer: Framer {
    package static let name = "http1"

    private struct Request: Sendable {
        var number: UInt64
        var effect: HTTPMethod.Effect
    }

    /// What is known of a response once its head is whole.
    private struct Response: Sendable {
        var role: Message.Role
        var status: Int
    }

    private var requests = HTTPMessageReader(isRequest: true)
    private var responses = HTTPMessageReader(isRequest: false)
    private var requestCount: UInt64 = 0
    private var responseCount: UInt64 = 0
    private var outstanding = OutstandingRequests<Request>()
    private var response = Response(role: .unsolicited, status: 0)

    /// A CONNECT was sent, and its answer is not known.
    private var awaitsTunnel = false
    /// Why no link carries HTTP any more.
    private var leftHTTP: String?
    /// Why what a response answers cannot be told any more; one to broken bytes may still come.
    private var upstreamEnd: (reason: String, isBroken: Bool)?
    private var downstreamEnded = false

    package init() {}

    package mutating func advance(_ bytes: Span<UInt8>, _ direction: Direction) -> FramingStep {
        if let leftHTTP, !bytes.isEmpty { return .lostSync(consumed: 0, reason: leftHTTP) }
        return direction == .upstream ? advanceUpstream(bytes) : advanceDownstream(bytes)
    }

    package mutating func lost(_ direction: Direction) {
        if direction == .upstream {
            upstreamEnd = upstreamEnd ?? ("requests are missing", false)
        } else {
            endDownstream()
        }
    }

    package mutating func finish(_ direction: Direction) -> Message? {
        guard direction == .downstream, responses.lastsUntilEnd else { return nil }
        return endResponse()
    }

    // MARK: - Requests

    private mutating func advanceUpstream(_ bytes: Span<UInt8>) -> FramingStep {
        if awaitsTunnel && requests.beginsMessage && !bytes.isEmpty {
            return breakUpstream(0, "what follows a CONNECT that has no answer may be a tunnel")
        }
        var start = 0
        while true {
            switch requests.advance(bytes.extracting(start..<bytes.count)) {
            case .needMore:
                return .needMore
            case .broken(let taken, let reason):
                return breakUpstream(start + taken, reason)
            case .message(let taken):
                return endRequest(start + taken)
            case .head(let taken):
                start += taken
                if let reason = takeRequestHead() { return breakUpstream(start, reason) }
                guard let body = requestBody() else {
                    return breakUpstream(start, requestFault)
                }
                if requests.expect(body) { return endRequest(start) }
                guard start < bytes.count else { return .needMore }
            }
        }
    }

    private mutating func breakUpstream(_ consumed: Int, _ reason: String) -> FramingStep {
        upstreamEnd = ("the requests cannot be read: \(reason)", true)
        return .lostSync(consumed: consumed, reason: reason)
    }

    /// From its head on a request may be answered.
    /// - Returns: why it cannot be.
    private mutating func takeRequestHead() -> String? {
        let method = requests.startLine.method ?? .other
        awaitsTunnel = method.effect == .tunnel
        guard !downstreamEnded else { return nil }
        let request = Request(number: requestCount + 1, effect: method.effect)
        guard outstanding.append(request) else {
            return "more than \(OutstandingRequests<Request>.limit) requests await an answer"
        }
        return nil
    }

    /// RFC 9112 §6.3; nil where a request cannot be framed so.
    private func requestBody() -> HTTPMessageReader.Body? {
        let fields = requests.fields
        if requests.startLine.method?.effect == .tunnel { return HTTPMessageReader.Body.none }
        guard fields.hasCodings else { return .counted(fields.contentLength ?? 0) }
        // It overrides a Content-Length.
        return fields.isChunked && !requests.startLine.isVersion10 ? .chunked : nil
    }

    private var requestFault: String {
        requests.startLine.isVersion10
            ? Self.oldCodings : "a request's Transfer-Encoding does not end with chunked"
    }

    private static let oldCodings = "a message of HTTP/1.0 has a Transfer-Encoding"

    private mutating func endRequest(_ consumed: Int) -> FramingStep {
        requestCount += 1
        let message = Message(
            number: requestCount, role: .request(answers: 1),
            kind: (requests.startLine.method ?? .other).name,
            hasOwnCredentials: requests.fields.hasCredentials)
        return .message(consumed: consumed, message)
    }

    // MARK: - Responses

    private mutating func advanceDownstream(_ bytes: Span<UInt8>) -> FramingStep {
        if let upstreamEnd, !upstreamEnd.isBroken, outstanding.isEmpty, responses.beginsMessage,
            !bytes.isEmpty
        {
            return breakDownstream(0, upstreamEnd.reason)
        }
        var start = 0
        while true {
            switch responses.advance(bytes.extracting(start..<bytes.count)) {
            case .needMore:
                return .needMore
            case .broken(let taken, let reason):
                return breakDownstream(start + taken, reason)
            case .message(let taken):
                return .message(consumed: start + taken, endResponse())
            case .head(let taken):
                start += taken
                switch takeResponseHead() {
                case .failure(let fault): return breakDownstream(start, fault.reason)
                case .success(let body):
                    if responses.expect(body) {
                        return .message(consumed: start, endResponse())
                    }
                }
                guard start < bytes.count else { return .needMore }
            }
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

    private struct Fault: Error {
        var reason: String
    }

    private mutating func takeResponseHead() -> Result<HTTPMessageReader.Body, Fault> {
        let status = responses.startLine.status
        guard !outstanding.isEmpty else {
            // An answer to broken bytes, or to nothing: a server that will wait no longer says so.
            if let upstreamEnd, status < 400 { return .failure(Fault(reason: upstreamEnd.reason)) }
            response = Response(role: .unsolicited, status: status)
            return responseBody(to: .none, status)
        }
        let request = outstanding.first
        let isLast = status >= 200 || status == 101
        response = Response(
            role: .answer(to: request.number, completes: isLast, isError: status >= 400),
            status: status)
        guard isLast else { return .success(.none) }
        outstanding.removeFirst()
        if request.effect == .tunnel {
            awaitsTunnel = false
            if (200..<300).contains(status) {
                leftHTTP = "a CONNECT made it a tunnel"
                return .success(.none)
            }
        }
        return responseBody(to: request.effect, status)
    }

    /// RFC 9112 §6.3.
    private mutating func responseBody(
        to effect: HTTPMethod.Effect, _ status: Int
    ) -> Result<HTTPMessageReader.Body, Fault> {
        let fields = responses.fields
        if status == 101 {
            let next = String(decoding: fields.upgrade, as: UTF8.self)
            leftHTTP = "the connection switched to \(next.isEmpty ? "another protocol" : next)"
        }
        if effect == .noBody || status < 200 || status == 204 || status == 304 {
            return .success(.none)
        }
        if fields.hasCodings {
            guard !responses.startLine.isVersion10 else {
                return .failure(Fault(reason: Self.oldCodings))
            }
            return .success(fields.isChunked ? .chunked : .untilEnd)
        }
        return .success(fields.contentLength.map { .counted($0) } ?? .untilEnd)
    }

    private mutating func endResponse() -> Message {
        responseCount += 1
        return Message(
            number: responseCount, role: response.role, kind: Self.kind(response.status),
            hasOwnCredentials: responses.fields.hasCredentials)
    }

    private static let kinds = (100...599).map { String($0) }

    private static func kind(_ status: Int) -> String {
        (100...599).contains(status) ? kinds[status - 100] : "other"
    }

    // MARK: - Detection

    /// A request line to begin with, or a status line to answer with.
    package static func recognises(
        upstream: Span<UInt8>, downstream: Span<UInt8>
    ) -> Recognition {
        let lines = (
            startLine(upstream, isRequest: true), startLine(downstream, isRequest: false)
        )
        if lines.0 == .yes || lines.1 == .yes { return .yes }
        return lines.0 == .no && (lines.1 == .no || downstream.isEmpty) ? .no : .undecided
    }

    /// So much of a target after a known method is enough, its end unseen.
    private static let tellingBytes = 256

    private static func startLine(_ bytes: Span<UInt8>, isRequest: Bool) -> Recognition {
        var line = HTTPStartLine(isRequest: isRequest)
        for index in 0..<bytes.count {
            switch line.take(bytes[index]) {
            case .more: continue
            case .done: return .yes
            case .bad: return .no
            }
        }
        return line.hasTelling && bytes.count >= tellingBytes ? .yes : .undecided
    }
}
