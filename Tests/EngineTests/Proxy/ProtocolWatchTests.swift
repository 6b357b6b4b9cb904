import Engine
import Platform
import Recordings
import Simulation
import Testing

/// What is said of a session's protocol and credentials, from the first bytes of its connections.
struct ProtocolWatchTests {
    /// What is said when clients send these, each on a connection of its own, to a server that
    /// answers `+OK`.
    private func said(
        _ texts: [String], framing: FramingChoice? = nil, misbehaviour: Misbehaviour = .none
    ) throws -> [String] {
        let network = SimulatedNetwork(seed: 3, misbehaviour: misbehaviour)
        let world = try ProxyWorld(network, framing: framing)
        let server = try ScriptedServer(
            on: world.outside, at: world.back, log: world.log,
            serving: .bytes { _ in [.send("+OK\r\n")] })
        for text in texts {
            let client = world.client([.send(ScriptBytes(text)), .finish, .expectReset])
            try network.run(forNanoseconds: 1_000_000_000)
            client.close()
        }
        server.close()
        try network.run(forNanoseconds: 1_000_000_000)
        return world.notices.compactMap { notice in
            switch notice {
            case .detected(.framer(let settings, _)): settings.name
            case .detected(.tls): "TLS"
            case .detected(.notYet(let name, _)): name
            case .detected: "unknown"
            case .authentication(let connection): "credentials on \(connection)"
            default: nil
            }
        }
    }

    private let ping = "*1\r\n$4\r\nPING\r\n"
    private let auth = "*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n"

    @Test func `the protocol is said once, and credentials once`() throws {
        #expect(try said([ping, ping, ping + auth, auth]) == ["redis", "credentials on 3"])
    }

    @Test func `credentials that come before the protocol is known are found, however cut`() throws
    {
        let cut = try said([auth + ping], misbehaviour: .rough)
        #expect(cut == ["redis", "credentials on 1"])
    }

    @Test func `TLS is recognised and said once, whatever the user says it is`() throws {
        let hello = "\u{16}\u{3}\u{1}\u{0}\u{5}hello"
        #expect(try said([hello, hello]) == ["TLS"])
        #expect(try said([hello], framing: .framer(FramerSettings(name: "redis"))) == ["TLS"])
    }

    @Test func `a protocol that the user named is not said again, and credentials are`() throws {
        let framing = FramingChoice.framer(FramerSettings(name: "redis"))
        #expect(try said([ping, auth], framing: framing) == ["credentials on 2"])
        #expect(try said([ping, auth], framing: FramingChoice.none) == [])
    }

    @Test func `what comes later than the first bytes is not looked at`() throws {
        let much = String(repeating: ping, count: 400)
        #expect(try said([much + auth]) == ["redis"])
    }
}
