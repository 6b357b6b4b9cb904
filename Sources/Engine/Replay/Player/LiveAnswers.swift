import Recordings

/// What the consumer owes and has answered on one attempt, by what was really sent: the j-th whole
/// message that the socket took is the j-th message of the live conversation, whichever recorded
/// message or copy it is.
struct LiveAnswers: Sendable {
    /// Answers that came before their message was whole; more are not remembered.
    static let earlyAnswers = 4_096

    /// A message that the socket took whole.
    struct Owed: Sendable {
        var message: UInt64
        /// 0 for copies and session state: nothing waits for them but the connection's end.
        var place: UInt64
        var sentAt: Instant
        /// The end waits for its answer.
        var isAwaited: Bool
        var isOpen: Bool
        /// A part of its answer came.
        var isBegun = false
    }

    private var conversation: Conversation
    /// Whether answers find their message; otherwise bytes alone tell.
    private(set) var pairs: Bool
    // In the order of sending; the item at `head` is the live message `firstNumber`.
    private var owed: [Owed] = []
    private var head = 0
    private var firstNumber: UInt64 = 1
    private var early: Set<UInt64> = []
    /// Messages whose answers have not all come, and those of them that the end waits for.
    private(set) var open = 0
    private(set) var awaited = 0

    /// Places that were handed out and whose answers have not all come.
    private var places = MessageNumbers()
    private var lastPlace: UInt64 = 0
    private var completePlaces = Milestones()
    private var completeTo: UInt64 = 0

    private(set) var received: UInt64 = 0
    private(set) var lastReceivedAt = Instant.start
    private(set) var lastSentAt: Instant?
    private(set) var lastCompletedAt = Instant.start
    private var arrived = Milestones()

    init(_ framer: (any Framer)?) {
        conversation = Conversation(framer: framer)
        pairs = conversation.pairsAnswers
    }

    /// The answers to places 1 to this one are complete.
    var completeThrough: UInt64 { completeTo }

    /// A place's message is on its way: it counts as unanswered from now on. Places rise.
    mutating func handOut(place: UInt64) {
        if pairs {
            places.append(place)
            if place <= completeTo {
                // Sent again: its answer was settled when the attempt before ended.
                completeTo = place - 1
                completePlaces.lower(to: completeTo)
            }
        }
        lastPlace = max(lastPlace, place)
    }

    /// Nothing is sent at this place.
    mutating func skip(place: UInt64, at instant: Instant) {
        lastPlace = place
        noteComplete(at: instant)
    }

    /// When the answers to places 1 to this one were complete, as far as is known.
    mutating func completion(through place: UInt64) -> Instant? {
        completePlaces.instant(reaching: place)
    }

    /// When so many bytes had come on this attempt; nil as long as they have not.
    mutating func arrival(of bytes: UInt64) -> Instant? {
        arrived.instant(reaching: bytes)
    }

    /// The message that keeps the places from being complete; nil while it is on its way.
    func blockingPlace() -> Owed? {
        guard let place = places.first else { return nil }
        return owed[head...].first { $0.isOpen && $0.place == place }
    }

    /// The oldest message that is owed an answer.
    func oldest() -> Owed? { owed[head...].first(where: \.isOpen) }

    /// The oldest message that is owed an answer and of which this is true, told whether any of its
    /// answer has come.
    func oldest(where holds: (_ owed: Owed, _ isBegun: Bool) -> Bool) -> Owed? {
        // What is coming in order belongs to the oldest; a push is taken for it too.
        var isComing = conversation.answersInOrder && conversation.downstream.partial != nil
        for owed in owed[head...] where owed.isOpen {
            if holds(owed, owed.isBegun || isComing) { return owed }
            isComing = false
        }
        return nil
    }

    /// Places that were handed out and whose message the socket has not taken whole, rising.
    var placesOnTheirWay: some Sequence<UInt64> {
        let taken = owed[head...].last { $0.place > 0 }?.place ?? 0
        return places.ranges.lazy.joined().filter { $0 > taken }
    }

    /// The newest message whose answer the end waits for.
    func newestAwaited() -> Owed? { owed[head...].last { $0.isOpen && $0.isAwaited } }

    /// The socket took these bytes of a piece.
    mutating func took(
        _ bytes: Span<UInt8>, of piece: Piece, isAwaited: Bool, at instant: Instant
    ) {
        lastSentAt = instant
        guard pairs else { return }
        let numberBefore = conversation.upstream.messages
        var start = 0
        var owes = false
        feeding: while start < bytes.count {
            let rest = bytes.extracting(start..<bytes.count)
            switch conversation.advance(rest, .upstream, at: instant) {
            case .message(let consumed, let placed):
                start += consumed
                if case .request(let answers) = placed.message.role { owes = answers > 0 }
            case .needMore:
                break feeding
            case .lostSync, .opaque:
                return stopPairing(at: instant)
            }
        }
        let isWhole = piece.isLast && piece.kind != .raw
        guard conversation.upstream.messages == numberBefore + (isWhole ? 1 : 0) else {
            return stopPairing(at: instant)
        }
        if isWhole { push(piece, owes: owes, isAwaited: isAwaited, at: instant) }
    }

    /// These bytes came.
    mutating func receive(_ bytes: Span<UInt8>, at instant: Instant) {
        received += UInt64(bytes.count)
        lastReceivedAt = instant
        arrived.reached(received, at: instant)
        guard pairs else { return }
        var start = 0
        while start < bytes.count {
            let rest = bytes.extracting(start..<bytes.count)
            switch conversation.advance(rest, .downstream, at: instant) {
            case .message(let consumed, let placed):
                start += consumed
                guard case .answer(let to, let completes, _) = placed.message.role else {
                    continue
                }
                guard completes else {
                    begin(to)
                    continue
                }
                complete(to)
                lastCompletedAt = instant
            case .needMore:
                start = bytes.count
            case .lostSync, .opaque:
                return stopPairing(at: instant)
            }
        }
        noteComplete(at: instant)
    }

    /// How many of these bytes, which have just come, lie before a place on the link; nil: they do
    /// not reach it.
    /// - Parameters:
    ///   - message: of those that come on this attempt.
    ///   - count: so many bytes of it come first; 0: it is reached when its first byte comes.
    ///   - offset: the same from the link's start, where there are no messages.
    func countBefore(
        message: UInt64, bytes count: UInt64, offset: UInt64, _ bytes: Span<UInt8>
    ) -> Int? {
        guard conversation.downstream.opaque == nil else {
            let left = offset > received ? offset - received : 0
            let isReached = left < UInt64(bytes.count) || count > 0 && left == UInt64(bytes.count)
            return isReached ? Int(left) : nil
        }
        // On a copy: what comes behind the place has not come yet.
        var probe = conversation
        var start = 0
        while start < bytes.count {
            let link = probe.downstream
            let begun = link.partial.map { link.offset - $0.offset } ?? 0
            let isHere = link.messages + 1 >= message
            if isHere, count <= begun { return start }
            let rest = bytes.extracting(start..<bytes.count)
            let step = probe.advance(rest, .downstream, at: lastReceivedAt)
            var consumed = rest.count
            if case .message(let ended, _) = step { consumed = ended }
            // One that is shorter than recorded is struck at its end.
            if isHere, UInt64(consumed) + begun >= count { return start + Int(count - begun) }
            guard case .message = step else { return nil }
            start += consumed
            if isHere { return start }
        }
        return nil
    }

    /// Nothing more can come: all that is owed is settled.
    mutating func settleAll(at instant: Instant) {
        owed.removeAll()
        head = 0
        (open, awaited) = (0, 0)
        places.removeAll()
        noteComplete(at: instant)
    }

    /// A new attempt begins, on which nothing has been sent.
    mutating func beginAttempt(_ framer: (any Framer)?, at instant: Instant) {
        settleAll(at: instant)
        conversation = Conversation(framer: framer)
        pairs = conversation.pairsAnswers
        firstNumber = 1
        early = []
        received = 0
        lastReceivedAt = instant
        lastSentAt = nil
        arrived.removeAll()
    }

    private mutating func push(
        _ piece: Piece, owes: Bool, isAwaited: Bool, at instant: Instant
    ) {
        let number = firstNumber + UInt64(owed.count - head)
        let isOpen = owes && (early.isEmpty || early.remove(number) == nil)
        if !isOpen, piece.place > 0 {
            places.remove(piece.place)
            noteComplete(at: instant)
        }
        guard isOpen || owed.count > head else {
            firstNumber += 1
            return
        }
        if isOpen { open += 1 }
        if isOpen, isAwaited { awaited += 1 }
        if head >= 1_024, head * 2 >= owed.count {
            owed.removeFirst(head)
            head = 0
        }
        owed.append(
            Owed(
                message: piece.message, place: piece.place, sentAt: instant, isAwaited: isAwaited,
                isOpen: isOpen))
    }

    private mutating func begin(_ number: UInt64) {
        guard number >= firstNumber, number - firstNumber < UInt64(owed.count - head) else {
            return
        }
        owed[head + Int(number - firstNumber)].isBegun = true
    }

    private mutating func complete(_ number: UInt64) {
        guard number >= firstNumber else { return }
        guard number - firstNumber < UInt64(owed.count - head) else {
            if early.count < Self.earlyAnswers { early.insert(number) }
            return
        }
        let index = head + Int(number - firstNumber)
        // In order, what came before and was not answered will not be any more.
        let first = conversation.answersInOrder ? head : index
        for index in first...index where owed[index].isOpen { close(index) }
        while head < owed.count, !owed[head].isOpen {
            head += 1
            firstNumber += 1
        }
        if head == owed.count {
            owed.removeAll(keepingCapacity: owed.capacity <= 4_096)
            head = 0
        }
    }

    private mutating func close(_ index: Int) {
        owed[index].isOpen = false
        open -= 1
        if owed[index].isAwaited { awaited -= 1 }
        if owed[index].place > 0 { places.remove(owed[index].place) }
    }

    private mutating func noteComplete(at instant: Instant) {
        let complete = places.first.map { $0 - 1 } ?? lastPlace
        guard complete > completeTo else { return }
        completeTo = complete
        completePlaces.reached(complete, at: instant)
    }

    private mutating func stopPairing(at instant: Instant) {
        pairs = false
        settleAll(at: instant)
    }
}
