/// Which way bytes travel through a connection.
package enum Direction: UInt8, Hashable, Sendable, CaseIterable {
    /// From the client to the server.
    case upstream = 1
    /// From the server to the client.
    case downstream = 2

    /// The other way.
    package var opposite: Direction { self == .upstream ? .downstream : .upstream }

    /// The word for it in files and on the terminal.
    package var name: String { self == .upstream ? "upstream" : "downstream" }
}

/// One of the three who can end a connection.
package enum Party: UInt8, Hashable, Sendable {
    case client = 1
    case server = 2
    case weir = 3

    /// The word for it in files and on the terminal.
    package var name: String {
        switch self {
        case .client: "client"
        case .server: "server"
        case .weir: "weir"
        }
    }
}
