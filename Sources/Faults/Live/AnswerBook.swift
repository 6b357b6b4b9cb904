import Recordings

/// Whose answers are whose on one live connection, when requests were doubled, moved or dropped.
///
/// Requests are entered twice: in the order in which the client made them (`owe`), and in that in
/// which the server was sent them (`sent`). An answer to a copy is swallowed. Where answers come in
/// the order of their requests, the client can tell them apart by that alone: they are put back
/// into its order, and what stands behind the answer to a request that was dropped never comes.
struct AnswerBook {
    /// More requests than this do not wait for answers: pairing is then given up.
    static let mostOwed = 65_536

    /// Which of the client's requests the server was sent.
    struct Origin {
        /// The client's message; of a group's copy, the group's first.
        var request: UInt64
        var copy: UInt16 = 0
        /// Whether the answer to the copy is passed on.
        var isRaw = false
    }

    enum Fate: Hashable {
        case pass
        case swallow
        /// Until the client's earlier requests are answered.
        case hold(UInt64)
    }

    let isPairing: Bool
    private let keepsOrder: Bool
    /// Why pairing was given up; nil as long as it works.
    private(set) var brokenReason: String?

    private var origins: [UInt64: Origin] = [:]
    private var firstOrigin: UInt64 = 1
    private var copiesOut = 0
    /// The client's requests that are not answered, in its order, from `firstOwed` on.
    private var owed: [UInt64] = []
    private var firstOwed = 0
    /// Among them, those that were sent at another place, or not at all.
    private var outOfPlace: Set<UInt64> = []
    private var held: [UInt64: [(unit: LiveUnit, completes: Bool)]] = [:]

    init() {
        isPairing = false
        keepsOrder = false
    }

    init(_ conversation: Conversation) {
        isPairing = conversation.pairsAnswers
        keepsOrder = conversation.pairsAnswers && conversation.answersInOrder
    }

    /// Whether answers can be told apart.
    var isWorking: Bool { isPairing && brokenReason == nil }

    /// Whether an answer's fate must be known before any of it is sent.
    var isDisturbed: Bool {
        isWorking && (copiesOut > 0 || !outOfPlace.isEmpty || !held.isEmpty)
    }

    /// The first byte that is held.
    var keepsFrom: UInt64? {
        held.values.flatMap { $0 }.map(\.unit.range.lowerBound).min()
    }

    /// The client made a request that is owed an answer.
    mutating func owe(_ request: UInt64) {
        guard isWorking else { return }
        guard owed.count - firstOwed < Self.mostOwed else {
            return giveUp("more than \(Self.mostOwed) requests wait for their answers")
        }
        owed.append(request)
    }

    /// The server was sent a request that is owed an answer; to it, it has this number.
    mutating func sent(_ number: UInt64, _ origin: Origin) {
        guard isWorking else { return }
        guard origins.count < Self.mostOwed else {
            return giveUp("more than \(Self.mostOwed) requests wait for their answers")
        }
        origins[number] = origin
        if origin.copy > 0 { copiesOut += 1 }
    }

    /// A request is sent at another place than the client sent it at.
    mutating func move(_ request: UInt64) {
        if isWorking, keepsOrder, isOwed(request) { outOfPlace.insert(request) }
    }

    /// A request is not sent.
    /// - Parameter isRaw: the answers behind it pass all the same.
    mutating func drop(_ request: UInt64, isRaw: Bool) {
        guard isWorking, keepsOrder, let index = owed[firstOwed...].lastIndex(of: request) else {
            return
        }
        if isRaw { owed.remove(at: index) } else { outOfPlace.insert(request) }
    }

    /// The answers of these requests come in the order in which they were sent.
    mutating func exchange(_ first: [UInt64], _ last: [UInt64]) {
        guard isWorking, let start = first.first, let end = last.last,
            let low = owed[firstOwed...].firstIndex(of: start),
            let high = owed[firstOwed...].lastIndex(of: end), low < high
        else { return }
        let between = owed[low...high].filter { !first.contains($0) && !last.contains($0) }
        let order = last.filter(isOwed) + between + first.filter(isOwed)
        owed.replaceSubrange(low...high, with: order)
    }

    /// What becomes of a message of the server's that has ended, and which request it answers.
    mutating func receive(_ message: Message) -> (fate: Fate, request: UInt64?) {
        guard isWorking, case .answer(let to, let completes, _) = message.role else {
            return (.pass, nil)
        }
        if keepsOrder {
            // Those before it are answered, or never will be.
            while firstOrigin < to {
                if let passed = origins.removeValue(forKey: firstOrigin) { settle(passed) }
                firstOrigin += 1
            }
        }
        guard let origin = origins[to] else { return (.pass, nil) }
        if completes { origins[to] = nil }
        if origin.copy > 0 {
            if completes { copiesOut -= 1 }
            return (origin.isRaw ? .pass : .swallow, nil)
        }
        guard keepsOrder, isOwed(origin.request), owed[firstOwed] != origin.request else {
            if completes { settle(origin) }
            return (.pass, origin.request)
        }
        return (.hold(origin.request), origin.request)
    }

    mutating func hold(_ unit: LiveUnit, for request: UInt64) {
        var completes = true
        if case .answer(_, let last, _) = unit.placed.message.role { completes = last }
        held[request, default: []].append((unit, completes))
    }

    /// What was held and may pass now, in the client's order.
    mutating func takeReleased() -> [LiveUnit] {
        guard !held.isEmpty else { return [] }
        var released: [LiveUnit] = []
        while firstOwed < owed.count, let units = held.removeValue(forKey: owed[firstOwed]) {
            released += units.map(\.unit)
            guard units.contains(where: \.completes) else { break }
            settle(Origin(request: owed[firstOwed]))
        }
        return released
    }

    /// From here on answers pass as they come.
    /// - Note: what is held stays so until `takeAll`.
    mutating func giveUp(_ reason: String) {
        guard isWorking else { return }
        brokenReason = reason
        origins = [:]
        copiesOut = 0
        outOfPlace = []
    }

    /// Everything that is held, in the client's order; nothing is held from then on.
    mutating func takeAll() -> [LiveUnit] {
        let units = owed[firstOwed...].flatMap { held[$0] ?? [] }.map(\.unit)
        held = [:]
        owed = []
        firstOwed = 0
        return units
    }

    private func isOwed(_ request: UInt64) -> Bool {
        guard firstOwed < owed.count else { return false }
        return owed[firstOwed] == request || owed[firstOwed...].contains(request)
    }

    /// A request is answered, or will not be.
    private mutating func settle(_ origin: Origin) {
        if origin.copy > 0 {
            copiesOut -= 1
            return
        }
        outOfPlace.remove(origin.request)
        guard keepsOrder else {
            if let index = owed[firstOwed...].firstIndex(of: origin.request) {
                owed.remove(at: index)
            }
            return
        }
        if firstOwed < owed.count, owed[firstOwed] == origin.request {
            firstOwed += 1
        } else if let index = owed[firstOwed...].firstIndex(of: origin.request) {
            owed.remove(at: index)
        }
        guard firstOwed == owed.count || firstOwed >= 1_024 else { return }
        owed.removeFirst(firstOwed)
        firstOwed = 0
    }
}
