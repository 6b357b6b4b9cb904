import Foundation
import Testing

/// NATS and a client of its text protocol cannot tell that Weir is between them.
@Suite(.enabled(if: NATSServer.isInstalled, "needs nats-server"))
struct NATSTests {
    @Test(arguments: WeirMode.allCases)
    func `what is published is delivered in order, and requests are answered`(mode: WeirMode)
        throws
    {
        let server = try NATSServer()
        let weir = try WeirBetween(mode, upstream: ":\(server.port)")
        try withClients(weir)
        try weir.finish("NATS")
    }

    private func withClients(_ weir: WeirBetween) throws {
        let subscriber = try client(weir)
        let publisher = try client(weir)
        subscriber.say("SUB orders 1\r\nSUB questions 2\r\nPING\r\n")
        #expect(try subscriber.line() == "PONG")
        let count = 5_000
        publisher.say((1...count).map { "PUB orders 11\r\norder \(10_000 + $0)\r\n" }.joined())
        for number in 1...count {
            let text = "order \(10_000 + number)"
            #expect(try subscriber.line() == "MSG orders 1 11")
            #expect(try subscriber.block(11) == Data(text.utf8))
        }
        // As large as it takes them.
        let large = Pattern.bytes(from: 0, count: 1 << 20)
        for _ in 0..<10 {
            publisher.say(Data("PUB orders 1048576\r\n".utf8) + large + Data("\r\n".utf8))
        }
        for _ in 0..<10 {
            #expect(try subscriber.line() == "MSG orders 1 1048576")
            #expect(try subscriber.block(1 << 20) == large)
        }
        publisher.say("SUB answers 7\r\nPUB questions answers 3\r\nwho\r\n")
        #expect(try subscriber.line() == "MSG questions 2 answers 3")
        #expect(try subscriber.block(3) == Data("who".utf8))
        subscriber.say("PUB answers 2\r\nme\r\n")
        #expect(try publisher.line() == "MSG answers 7 2")
        #expect(try publisher.block(2) == Data("me".utf8))
    }

    /// One that is greeted and knows that the server has taken its greeting.
    private func client(_ weir: WeirBetween) throws -> TextTalk {
        let talk = try TextTalk(port: weir.port)
        #expect(try talk.line().hasPrefix("INFO {"))
        talk.say("CONNECT {\"verbose\":false,\"pedantic\":false}\r\nPING\r\n")
        #expect(try talk.line() == "PONG")
        return talk
    }
}
