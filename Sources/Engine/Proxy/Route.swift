import Platform

/// A listening address and the server behind it, with a name.
package struct Route: Hashable, Sendable {
    package var name: String
    package var listen: SocketAddress
    package var upstream: SocketAddress

    package init(name: String, listen: SocketAddress, upstream: SocketAddress) {
        self.name = name
        self.listen = listen
        self.upstream = upstream
    }
}
