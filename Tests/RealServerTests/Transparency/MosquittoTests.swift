import Foundation
import Testing

/// Mosquitto and its own clients cannot tell that Weir is between them.
@Suite(.enabled(if: MosquittoServer.isInstalled, "needs mosquitto and its clients"))
struct MosquittoTests {
    @Test(arguments: WeirMode.allCases)
    func `messages of each quality arrive, and a will after its client was killed`(
        mode: WeirMode
    ) throws {
        let server = try MosquittoServer()
        let weir = try WeirBetween(mode, upstream: ":\(server.port)")
        for quality in 0...2 { try messages(quality, weir) }
        try large(weir)
        try will(weir)
        try weir.finish("Mosquitto")
    }

    private func messages(_ quality: Int, _ weir: WeirBetween) throws {
        let count = 500
        let subscriber = try MosquittoServer.subscribe(
            weir.port,
            ["-t", "orders/#", "-q", "\(quality)", "-C", "\(count)", "-F", "got %q %t %p"])
        let published = try RunningProgram.run(
            "bash",
            [
                "-c",
                "for i in {1..\(count)}; do echo \"order $i\"; done | mosquitto_pub -h 127.0.0.1 "
                    + "-p \(weir.port) -t orders/new -q \(quality) -l",
            ])
        #expect(published.exitCode == 0, "\(published.text)")
        #expect(try subscriber.finish() == 0)
        let got = subscriber.text.split(separator: "\n").filter { $0.hasPrefix("got ") }
        #expect(got == (1...count).map { "got \(quality) orders/new order \($0)" })
    }

    private func large(_ weir: WeirBetween) throws {
        let folder = try RecordingFolder()
        let path = folder.path("large")
        try Pattern.write(10_000_000, to: path)
        let subscriber = try MosquittoServer.subscribe(
            weir.port, ["-t", "large", "-q", "2", "-C", "1", "-F", "got %l"])
        let published = try RunningProgram.run(
            "mosquitto_pub",
            ["-h", "127.0.0.1", "-p", "\(weir.port)", "-t", "large", "-q", "2", "-r", "-f", path])
        #expect(published.exitCode == 0, "\(published.text)")
        #expect(try subscriber.finish() == 0)
        #expect(subscriber.text.contains("got 10000000\n"))
        // It was retained: who comes later gets the same bytes.
        let run = try RunningProgram.run(
            "bash",
            [
                "-c",
                "mosquitto_sub -h 127.0.0.1 -p \(weir.port) -t large -q 2 -C 1 -N | cmp - \(path)",
            ])
        #expect(run.exitCode == 0, "\(run.text)")
    }

    private func will(_ weir: WeirBetween) throws {
        let watcher = try MosquittoServer.subscribe(
            weir.port, ["-t", "wills/#", "-q", "1", "-C", "1", "-F", "got %t %p"])
        let victim = try MosquittoServer.subscribe(
            weir.port,
            [
                "-t", "anything", "--will-topic", "wills/victim", "--will-payload", "gone",
                "--will-qos", "1",
            ])
        victim.kill()
        #expect(try victim.finish() == 128 + SIGKILL)
        #expect(try watcher.finish() == 0)
        #expect(watcher.text.contains("got wills/victim gone\n"))
    }
}
