/// What a Redis connection has subscribed to, in numbers, as its server's confirmations tell it.
///
/// A confirmation carries the total of channels and patterns, or that of shard channels, so that
/// no names need to be kept (`pubsub.c`, `addReplyPubsubSubscribed`).
struct RedisSubscriptions: Sendable {
    typealias Effect = RedisCommandTable.Effect

    enum Family: UInt8, Sendable {
        case channels, patterns, shardChannels
    }

    /// What the first word of a push or a confirmation says.
    enum Word: Equatable, Sendable {
        case subscribed(Family)
        case unsubscribed(Family)
        /// `message` and its kin.
        case delivery

        init?(_ word: ShortWord) {
            guard let known = Self.known[word] else { return nil }
            self = known
        }

        /// What confirms a command with this effect.
        init?(confirming effect: Effect) {
            switch effect {
            case .subscribe: self = .subscribed(.channels)
            case .patternSubscribe: self = .subscribed(.patterns)
            case .shardSubscribe: self = .subscribed(.shardChannels)
            case .unsubscribe: self = .unsubscribed(.channels)
            case .patternUnsubscribe: self = .unsubscribed(.patterns)
            case .shardUnsubscribe: self = .unsubscribed(.shardChannels)
            default: return nil
            }
        }

        private static let known: [ShortWord: Word] = [
            ShortWord("subscribe"): .subscribed(.channels),
            ShortWord("psubscribe"): .subscribed(.patterns),
            ShortWord("ssubscribe"): .subscribed(.shardChannels),
            ShortWord("unsubscribe"): .unsubscribed(.channels),
            ShortWord("punsubscribe"): .unsubscribed(.patterns),
            ShortWord("sunsubscribe"): .unsubscribed(.shardChannels),
            ShortWord("message"): .delivery,
            ShortWord("pmessage"): .delivery,
            ShortWord("smessage"): .delivery,
        ]
    }

    private struct Counts: Sendable {
        var channels = 0
        var patterns = 0
        var shardChannels = 0

        subscript(family: Family) -> Int {
            get {
                switch family {
                case .channels: channels
                case .patterns: patterns
                case .shardChannels: shardChannels
                }
            }
            set {
                let count = min(max(0, newValue), Int(Int32.max))
                switch family {
                case .channels: channels = count
                case .patterns: patterns = count
                case .shardChannels: shardChannels = count
                }
            }
        }
    }

    /// As the server confirmed.
    private var confirmed = Counts()
    /// As they will be once all requests are answered, if all names differ.
    private var projected = Counts()
    /// Requests that await their confirmations.
    private var pending = 0
    /// A transaction held a subscription, whose confirmation lies inside the answer to EXEC.
    private var wasInTransaction = false
    /// Whether a subscription was ever asked for: before that, arrays need not be looked into.
    private(set) var wereAsked = false

    /// Whether RESP2's deliveries may come between answers.
    var mayPush: Bool {
        wasInTransaction || confirmed.channels > 0 || confirmed.patterns > 0
            || confirmed.shardChannels > 0
    }

    func isNone(_ family: Family) -> Bool { confirmed[family] == 0 }

    /// Notes a command outside any transaction; how many answers it will get.
    mutating func request(_ effect: Effect, arguments: Int) -> UInt32 {
        switch Word(confirming: effect) {
        case .subscribed(let family):
            wereAsked = true
            projected[family] += arguments
            return UInt32(clamping: max(1, arguments))
        case .unsubscribed(let family):
            wereAsked = true
            let count = arguments == 0 ? projected[family] : arguments
            projected[family] -= count
            return UInt32(clamping: max(1, count))
        case .delivery, nil:
            return 1
        }
    }

    mutating func requestInTransaction(_ effect: Effect) {
        guard Word(confirming: effect) != nil else { return }
        wereAsked = true
        wasInTransaction = true
    }

    /// A confirmation came, with the total it carries.
    mutating func confirm(_ family: Family, total: Int) {
        switch family {
        case .channels: confirmed.channels = max(0, total - confirmed.patterns)
        case .patterns: confirmed.patterns = max(0, total - confirmed.channels)
        case .shardChannels: confirmed.shardChannels = total
        }
    }

    /// A request that will be answered with confirmations was sent.
    mutating func wasSent() { pending += 1 }

    /// Such a request has had its last answer. With none pending, what is confirmed is all.
    mutating func wasAnswered() {
        pending = max(0, pending - 1)
        if pending == 0 { projected = confirmed }
    }

    /// The server forgot all of them.
    mutating func reset() {
        confirmed = Counts()
        if pending == 0 { projected = confirmed }
        wasInTransaction = false
    }
}
