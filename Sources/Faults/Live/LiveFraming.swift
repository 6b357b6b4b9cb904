import Recordings

/// How a live connection is read as messages: as its client sees it, and as its server does.
///
/// The two differ once a message was doubled, moved or dropped; each framer is fed what really
/// travelled to and from its peer.
struct LiveFraming {
    enum State: Hashable {
        /// Nothing depends on messages, or the connection was picked up in the middle.
        case off(reason: String)
        /// The first bytes do not tell the protocol yet.
        case detecting
        case reading
    }

    private(set) var state: State
    /// As what it is read; nil where it is not.
    private(set) var choice: FramingChoice?
    private(set) var client = Conversation(framer: nil)
    private(set) var server = Conversation(framer: nil)
    /// What came while the protocol was not known: less than `Framers.detectionBytes`, and the
    /// bytes that decided it.
    private var first = PerDirection<[UInt8]>([])
    private var guessed: FramerSettings?
    private var sure: FramerSettings?

    init(off reason: String) { state = .off(reason: reason) }

    /// - Parameter framing: how it is read; nil: as the first bytes tell.
    init(_ framing: FramingChoice?, units: MessageUnits) {
        state = .detecting
        guard framing != nil || units == .chunks else { return }
        read(framing ?? .none, units: units)
    }

    /// Why this is not read as messages; nil while it may be.
    var offReason: String? {
        guard case .off(let reason) = state else { return nil }
        return reason
    }

    private mutating func read(_ framing: FramingChoice, units: MessageUnits) {
        guard let framer = try? framing.makeFramer(units: units) else {
            state = .off(reason: "no protocol")
            return
        }
        state = .reading
        choice = framing
        client = Conversation(framer: framer)
        server = Conversation(framer: framer)
    }

    /// Looks at a link's next bytes while the protocol is not known.
    /// - Parameter known: what earlier connections to the same server spoke.
    mutating func look(_ bytes: Span<UInt8>, _ direction: Direction, known: FramerSettings?) {
        for index in bytes.indices.prefix(Framers.detectionBytes) {
            first[direction].append(bytes[index])
        }
        let detection = Framers.detect(
            upstream: first.upstream.span, downstream: first.downstream.span)
        switch detection {
        case .undecided:
            guard let known,
                Framers.mayBe(
                    known, upstream: first.upstream.span, downstream: first.downstream.span)
            else { return }
            read(.framer(known), units: .messages)
        case .framer(let settings, _):
            read(.framer(settings), units: .messages)
            sure = settings
        case .notYet, .tls, .unknown: state = .off(reason: detection.sentence)
        }
    }

    /// Takes what a client said for what it looks like most, as long as nothing answers.
    mutating func guess() {
        guard state == .detecting, first.downstream.isEmpty,
            let likeliest = Framers.likeliest(upstream: first.upstream.span)
        else { return }
        read(.framer(likeliest), units: .messages)
        guessed = likeliest
    }

    /// What passed before the protocol was known; it is forgotten here.
    mutating func takePassed(upTo offset: UInt64, _ direction: Direction) -> [UInt8] {
        defer { first[direction] = [] }
        return Array(first[direction].prefix(Int(clamping: offset)))
    }

    /// An answer was read: what was guessed is sure.
    mutating func confirm() {
        guard let guessed else { return }
        sure = guessed
        self.guessed = nil
    }

    /// What this connection speaks for certain, once: for those that come after it.
    mutating func takeSure() -> FramerSettings? {
        defer { sure = nil }
        return sure
    }

    /// What the peer that sends in this direction is part of.
    func arriving(_ direction: Direction) -> Conversation.LinkState {
        direction == .upstream ? client.upstream : server.downstream
    }

    /// Reads what arrived.
    mutating func arrive(
        _ bytes: Span<UInt8>, _ direction: Direction, at instant: Instant
    ) -> Conversation.Step {
        direction == .upstream
            ? client.advance(bytes, direction, at: instant)
            : server.advance(bytes, direction, at: instant)
    }

    mutating func finish(_ direction: Direction, at instant: Instant) -> Conversation.Placed? {
        direction == .upstream
            ? client.finish(direction, at: instant) : server.finish(direction, at: instant)
    }

    /// Reads what leaves, and gives the requests among it by their numbers to the server.
    mutating func leave(
        _ bytes: Span<UInt8>, _ direction: Direction, at instant: Instant
    ) -> [UInt64] {
        var requests: [UInt64] = []
        var start = 0
        while start < bytes.count {
            let rest = bytes.extracting(start..<bytes.count)
            let step =
                direction == .upstream
                ? server.advance(rest, direction, at: instant)
                : client.advance(rest, direction, at: instant)
            switch step {
            case .message(let consumed, let placed):
                start += consumed
                if case .request(let answers) = placed.message.role, answers > 0 {
                    requests.append(placed.message.number)
                }
            case .lostSync(let consumed, _, _, _): start += max(consumed, 1)
            case .needMore, .opaque: return requests
            }
        }
        return requests
    }
}
