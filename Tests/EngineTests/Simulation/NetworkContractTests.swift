import Platform
import Simulation
import Testing

/// What `Network` promises, one body over each network: conversations between scripted peers.
struct NetworkContractTests {
    private typealias Steps = [ScriptStep]

    /// Plays both scripts to their ends and compares what each peer logged.
    private func play(
        on ground: Ground, client: Steps, server: Steps,
        expecting: (client: String, server: String),
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let bench = try ground.makeBench()
        let listening = try ScriptedServer(
            on: bench.network, at: bench.address, log: bench.log, server)
        let address = try #require(listening.address)
        let dialling = ScriptedClient(on: bench.network, to: address, log: bench.log, client)
        try bench.run {
            dialling.failure != nil || listening.failure != nil
                || (dialling.isDone && listening.connections.first?.isDone == true)
        }
        listening.close()
        dialling.close()
        #expect(dialling.failure == nil, sourceLocation: sourceLocation)
        #expect(listening.failure == nil, sourceLocation: sourceLocation)
        #expect(bench.log.story(of: "client") == expecting.client, sourceLocation: sourceLocation)
        #expect(bench.log.story(of: "server") == expecting.server, sourceLocation: sourceLocation)
    }

    @Test(arguments: Ground.allCases)
    func `a half-closed connection still delivers what the server sends late`(
        ground: Ground
    ) throws {
        try play(
            on: ground,
            client: [.send("ask"), .finish, .expect("late answer"), .expectEnd, .close],
            server: [.expect("ask"), .expectEnd, .wait(2_000_000), .send("late answer"), .close],
            expecting: (
                "dials, connects, > ask, finishes, < late answer, hears the end, closes",
                "accepts, < ask, hears the end, > late answer, closes"
            ))
    }

    @Test(arguments: Ground.allCases)
    func `the server may be the one that half-closes`(ground: Ground) throws {
        try play(
            on: ground,
            client: [.expect("hello"), .expectEnd, .send("and you"), .close],
            server: [.send("hello"), .finish, .expect("and you"), .expectEnd, .close],
            expecting: (
                "dials, connects, < hello, hears the end, > and you, closes",
                "accepts, > hello, finishes, < and you, hears the end, closes"
            ))
    }

    @Test(arguments: Ground.allCases)
    func `what came before a reset is received before the reset is heard`(ground: Ground) throws {
        try play(
            on: ground,
            client: [.send("go"), .expect("first"), .expectReset, .close],
            server: [.expect("go"), .send("first"), .reset],
            expecting: (
                "dials, connects, > go, < first, hears: connection reset by peer, closes",
                "accepts, < go, > first, resets"
            ))
    }

    @Test(arguments: Ground.allCases)
    func `closing with unread bytes resets the peer`(ground: Ground) throws {
        try play(
            on: ground,
            client: [.send("unread"), .expectReset, .close],
            server: [.stopReading, .wait(20_000_000), .close],
            expecting: (
                "dials, connects, > unread, hears: connection reset by peer, closes",
                "accepts, closes"
            ))
    }

    @Test(arguments: Ground.allCases)
    func `bytes that meet a closed socket are answered with a reset`(ground: Ground) throws {
        // The FIN came before the reset, so what is received is the end; sending gives EPIPE.
        let bench = try ground.makeBench()
        let server = try ScriptedServer(
            on: bench.network, at: bench.address, log: bench.log, [.close])
        let address = try #require(server.address)
        let client = ScriptedClient(
            on: bench.network, to: address, log: bench.log,
            [.expectEnd, .send("x"), .wait(20_000_000), .send("y")])
        try bench.run { client.failure != nil }
        client.close()
        server.close()
        #expect(client.failure == "client cannot send: broken pipe")
        #expect(
            bench.log.story(of: "client")
                == "dials, connects, hears the end, > x, FAILS: cannot send: broken pipe")
    }

    @Test(arguments: Ground.allCases)
    func `a peer that does not read stops the sender, and no byte is lost`(ground: Ground) throws {
        let bench = try ground.makeBench()
        let bytes = bench.moreThanBuffersHold
        let server = try ScriptedServer(
            on: bench.network, at: bench.address, log: bench.log,
            [
                .stopReading, .wait(30_000_000), .resumeReading, .expect(ScriptBytes(bytes)),
                .expectEnd,
            ])
        let address = try #require(server.address)
        let client = ScriptedClient(
            on: bench.network, to: address, log: bench.log, [.send(ScriptBytes(bytes)), .close])
        try bench.run { server.connections.first?.isDone == true || server.failure != nil }
        #expect(server.failure == nil)
        #expect(server.connections.first?.received == bytes)
        #expect(client.isDone)
        server.close()
    }

    @Test(arguments: Ground.allCases)
    func `dialling where nobody listens is refused`(ground: Ground) throws {
        let bench = try ground.makeBench()
        let listener = try bench.network.listen(on: bench.address, handler: ProbeListener())
        let address = listener.address
        listener.close()
        let client = ScriptedClient(
            on: bench.network, to: address, log: bench.log,
            [.expectDialFailure(.connectionRefused)])
        try bench.run { client.isDone || client.failure != nil }
        #expect(bench.log.story(of: "client") == "dials, cannot dial: connection refused")
    }

    @Test(arguments: Ground.allCases)
    func `a listener that refuses keeps its address, and listens again`(ground: Ground) throws {
        let bench = try ground.makeBench()
        let probes = ProbeListener()
        let listener = try bench.network.listen(on: bench.address, handler: probes)
        listener.isPaused = true
        func dial(_ name: String, _ steps: Steps) -> ScriptedClient {
            ScriptedClient(name, on: bench.network, to: listener.address, log: bench.log, steps)
        }
        let waiting = dial("waiting", [.expectReset])
        // It is in the backlog by then.
        let later = dial("later", [.wait(20_000_000)])
        try bench.run { later.isDone }
        listener.refuse()
        let refused = dial("refused", [.expectDialFailure(.connectionRefused)])
        try bench.run { waiting.isDone && refused.isDone }
        try listener.listenAgain()
        listener.isPaused = false
        let served = dial("served", [])
        try bench.run { probes.accepted.count == 1 }
        listener.refuse()
        listener.close()
        for client in [waiting, later, refused, served] { client.close() }
    }
}

extension TimeDiagram {
    /// What one peer did and heard, without times; arrivals that follow each other are one.
    func story(of name: String) -> String {
        var story: [String] = []
        for line in textWithoutTimes.split(separator: "\n") where line.hasPrefix(name + " ") {
            let event = String(line.dropFirst(name.count + 1))
            let isBytes = event.hasPrefix("> ") || event.hasPrefix("< ")
            if isBytes, let last = story.last, last.prefix(2) == event.prefix(2) {
                story[story.count - 1] += event.dropFirst(2)
            } else {
                story.append(event)
            }
        }
        return story.joined(separator: ", ")
    }
}
