import Engine
import Platform
import Recordings

/// The demo's first part: the producer talks to a naive ledger through Weir's recorder, and nothing
/// disturbs them.
struct DemoRecording {
    /// What the ledger says when all is over: what must be right ever after.
    let balances: [String: Int64]
    let answers: Int
    /// From the producer's first dial to the end of its last connection.
    let nanoseconds: Int64

    /// - Parameters:
    ///   - store: takes the recording, and is closed at the end.
    ///   - header: what the recording says of itself; protocol and route are added.
    init(
        of script: ProducerScript, into store: any BlockStore, header: RecordingHeader,
        on stage: any DemoStage
    ) throws(Failure) {
        let network = stage.network
        let server = try LedgerServer.start(.naive, on: stage)
        defer { server.close() }
        let proxy = try Self.startProxy(to: server.address, into: store, header, on: stage)
        let recorder = proxy.session.recorder

        let start = network.now
        let producer = Producer(script, to: proxy.addresses[0], on: network)
        try stage.run("the producer's last answer") { producer.isDone }
        nanoseconds = network.now.nanoseconds - start.nanoseconds
        proxy.stop {}
        try stage.run("the end of the last connection") { proxy.isAtRest }
        var isClosed = false
        recorder.finish { isClosed = true }
        try stage.run("the end of the recording") { isClosed }

        if let failure = recorder.failure {
            throw Failure(.unwritable, "the recording cannot be written: \(failure); make room")
        }
        if let failure = producer.failure ?? Self.complaint(of: producer, about: script) {
            throw Failure(.defect, "the demo's producer was not served: \(failure)")
        }
        answers = producer.answers
        balances = try server.balances(of: script.accounts, on: stage)
    }

    private static func startProxy(
        to ledger: SocketAddress, into store: any BlockStore, _ header: RecordingHeader,
        on stage: any DemoStage
    ) throws(Failure) -> Proxy {
        var header = header
        header.protocolText = LineFramer.name
        do {
            let proxy = Proxy(
                network: stage.network,
                routes: [Route(name: "ledger", listen: stage.freeAddress, upstream: ledger)])
            // The recording says where clients really connected.
            try proxy.listen()
            header.routes = proxy.routes.map {
                .init(name: $0.name, listen: "\($0.listen)", upstream: "\($0.upstream)")
            }
            let recorder = try Recorder(network: stage.network, store: store, header: header)
            proxy.begin(Session(network: stage.network, recorder: recorder))
            return proxy
        } catch let error as NetworkError {
            throw Failure(.unreachable, "\(error)")
        } catch {
            throw Failure(.defect, "\(error)")
        }
    }

    private static func complaint(of producer: Producer, about script: ProducerScript) -> String? {
        let asked = script.requestCount
        if producer.answers != asked { return "\(producer.answers) of \(asked) answers came" }
        return producer.errorAnswers > 0 ? "\(producer.errorAnswers) answers were errors" : nil
    }
}

extension LedgerServer {
    /// A new ledger; without an address it listens on a free port of the loopback.
    static func start(
        _ edition: Ledger.Edition, at address: SocketAddress? = nil, on stage: any DemoStage
    ) throws(Failure) -> LedgerServer {
        do throws(NetworkError) {
            return try LedgerServer(
                edition: edition, at: address ?? stage.freeAddress, on: stage.network)
        } catch {
            throw Failure(.unreachable, "\(error)")
        }
    }

    /// Asks it over a connection of its own, as anybody could.
    func balances(
        of accounts: [String], on stage: any DemoStage
    ) throws(Failure) -> [String: Int64] {
        let query = BalanceQuery(accounts, of: address, on: stage.network)
        try stage.run("the ledger's balances") { query.isDone }
        if let failure = query.failure {
            throw Failure(.defect, "the ledger did not tell its balances: \(failure)")
        }
        return query.balances
    }
}
