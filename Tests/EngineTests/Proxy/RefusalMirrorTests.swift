import Engine
import Platform
import Recordings
import Simulation
import Testing

/// `--mirror-refusal`: clients are refused while the server refuses, and only then.
struct RefusalMirrorTests {
    /// Longer than from one question to the next.
    private static let aQuestion: Int64 = 250_000_000

    private let world: ProxyWorld

    init() throws { world = try ProxyWorld(mirrorsRefusal: true) }

    private func run(_ nanoseconds: Int64 = aQuestion) throws {
        try world.network.run(forNanoseconds: nanoseconds)
    }

    private func client(_ steps: [ScriptStep]) -> ScriptedClient { world.client(steps) }

    private var notices: [String] {
        world.notices.compactMap { notice in
            switch notice {
            case .refusing(let route): "\(route.name) refuses"
            case .acceptingAgain(let route): "\(route.name) accepts again"
            case .cannotListenAgain: "cannot"
            default: nil
            }
        }
    }

    @Test func `clients are refused until the server is there, and from when it goes`() throws {
        try run()
        let early = client([.expectDialFailure(.connectionRefused)])
        try run(1_000_000)
        #expect(early.isDone)
        let server = try ScriptedServer(
            on: world.outside, at: world.back, log: world.log, serving: .echo)
        try run()
        let served = client([.send("a"), .expect("a"), .finish, .expectEnd, .close])
        try run(1_000_000)
        #expect(served.isDone)
        // Nobody dials when it goes: that it is gone is found out by asking.
        server.stopListening()
        try run()
        let late = client([.expectDialFailure(.connectionRefused)])
        try run(1_000_000)
        #expect(late.isDone)
        server.close()
        let recording = try world.finish()
        #expect(world.network.openDescriptors == 0)
        #expect(
            notices == ["orders refuses", "orders accepts again", "orders refuses"])
        #expect(
            recording.facts(0) == [
                .mark(label: "orders: 127.0.0.1:6379 refuses"),
                .mark(label: "orders: 127.0.0.1:6379 accepts again"),
                .mark(label: "orders: 127.0.0.1:6379 refuses"),
            ])
        #expect(world.session.counters.connections == 1)
    }

    @Test func `the client that finds the server gone is reset, and the next is refused`() throws {
        let server = try ScriptedServer(
            on: world.outside, at: world.back, log: world.log, serving: .echo)
        try run(1_000_000)
        server.stopListening()
        let first = client([.expectReset])
        try run(1_000_000)
        let second = client([.expectDialFailure(.connectionRefused)])
        try run(1_000_000)
        #expect(first.isDone && second.isDone)
        #expect(notices == ["orders refuses"])
    }

    @Test func `connections that are open go on while new ones are refused`() throws {
        let server = try ScriptedServer(
            on: world.outside, at: world.back, log: world.log, serving: .echo)
        let open = client([
            .send("a"), .expect("a"), .wait(1_000_000_000), .send("b"), .expect("b"), .finish,
            .expectEnd, .close,
        ])
        try run(1_000_000)
        server.stopListening()
        try run()
        #expect(notices == ["orders refuses"])
        try run(2_000_000_000)
        #expect(open.isDone && server.failure == nil)
        server.close()
    }

    @Test func `a server that hangs or cannot be reached is not one that refuses`() throws {
        for dialling in [NetworkPath.Dialling.unanswered, .failing(.hostUnreachable)] {
            let network = SimulatedNetwork()
            network.paths[world.back] = NetworkPath()
            network.paths[world.back]?.dialling = dialling
            let world = try ProxyWorld(network, mirrorsRefusal: true)
            try network.run(forNanoseconds: 5_000_000_000)
            let client = world.client([.call {}])
            try network.run(forNanoseconds: 1_000_000)
            #expect(client.isDone && world.session.counters.connections == 1)
            let hasRefused = world.notices.contains {
                if case .refusing = $0 { true } else { false }
            }
            #expect(!hasRefused)
            client.close()
        }
    }

    @Test func `a server that hangs after it refused is connected to again`() throws {
        try run()
        #expect(notices == ["orders refuses"])
        world.network.paths[world.back] = NetworkPath()
        world.network.paths[world.back]?.dialling = .unanswered
        try run(2_000_000_000)
        #expect(notices == ["orders refuses", "orders accepts again"])
    }

    @Test func `while clients dial the server is asked nothing`() throws {
        let server = try ScriptedServer(
            on: world.outside, at: world.back, log: world.log, serving: .echo)
        for _ in 0..<20 {
            _ = client([.send("a"), .expect("a"), .finish, .expectEnd, .close])
            try run(100_000_000)
        }
        // The first question, and the clients.
        #expect(server.connections.count == 21)
        try run(1_000_000_000)
        #expect(server.connections.count > 21)
        server.close()
    }
}
