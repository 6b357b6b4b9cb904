import Foundation

/// Ports for servers that do not take a free one by themselves.
enum FreePort {
    /// How often a server is started again because somebody took its port in between.
    static let attempts = 5

    /// A port of the loopback that nobody listens on now.
    static func find() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else {
            throw RunningProgram.RunFailure(description: "no port is free: \(errno)")
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Starts a server on a port that was free, and waits until it says that it is ready.
    static func start(
        saying ready: String, _ start: (UInt16) throws -> RunningProgram
    ) throws -> (port: UInt16, program: RunningProgram) {
        var attempt = 1
        while true {
            let port = try find()
            let program = try start(port)
            do {
                try program.wait(for: ready)
                return (port, program)
            } catch  where attempt < attempts && program.text.contains("in use") {
                attempt += 1
            }
        }
    }
}
