/// One value for each link of a connection.
package struct PerDirection<Value> {
    package var upstream: Value
    package var downstream: Value

    package init(upstream: Value, downstream: Value) {
        self.upstream = upstream
        self.downstream = downstream
    }

    /// The same for both.
    package init(_ both: Value) {
        self.init(upstream: both, downstream: both)
    }

    package subscript(direction: Direction) -> Value {
        get { direction == .upstream ? upstream : downstream }
        _modify {
            if direction == .upstream { yield &upstream } else { yield &downstream }
        }
    }
}

extension PerDirection: Sendable where Value: Sendable {}
extension PerDirection: Equatable where Value: Equatable {}
extension PerDirection: Hashable where Value: Hashable {}
