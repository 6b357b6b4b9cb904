import Text

/// A route that a rule names, found among those that a proxy or a recording has.
package struct NamedRoute: Hashable, Sendable {
    /// From 0, as the recording counts them.
    package var number: UInt16
    package var name: String

    package init(number: UInt16, name: String) {
        self.number = number
        self.name = name
    }
}

extension Rule {
    /// The route that it is limited to; nil: it is about all.
    /// - Parameter names: of those that there are, in their order.
    func route(among names: [String]) throws(SchedulerError) -> NamedRoute? {
        guard let name = target.route else { return nil }
        guard let index = names.firstIndex(of: name), let number = UInt16(exactly: index) else {
            throw .unknownRoute(rule: self.name, route: name, known: names)
        }
        return NamedRoute(number: number, name: name)
    }
}
