/// What is kept of a Redis request until its last answer has come.
struct RedisRequest: Sendable {
    var number: UInt64
    /// Answers still to come, as far as is known.
    var left: UInt32
    var effect: RedisCommandTable.Effect
    /// It named nothing, and so asked for all (`UNSUBSCRIBE`): one answer for each there is.
    var isForAll: Bool
    var hasBegun = false
}
