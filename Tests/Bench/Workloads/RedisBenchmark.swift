import Foundation

/// redis-benchmark with 50 clients that SET, with so many requests in flight each.
struct RedisBenchmark: Workload {
    var pipeline: Int
    var requests: Int

    var title: String { "redis-benchmark, 50 clients, pipeline \(pipeline)" }
    let measures = [
        Measure(name: "rate", unit: "/s", isBetterWhenHigher: true),
        Measure(name: "p99", unit: "ms", isBetterWhenHigher: false),
    ]

    func startServer(_ ground: Ground) throws(BenchError) -> any BenchServer {
        try RedisServer(ground)
    }

    func run(through port: UInt16, to server: any BenchServer) throws(BenchError) -> [Double] {
        let before = try setCalls(of: server)
        let text = try ChildProcess.output(
            of: "redis-benchmark",
            [
                "-h", "127.0.0.1", "-p", "\(port)", "-c", "50", "-P", "\(pipeline)",
                "-n", "\(requests)", "-t", "set", "--csv",
            ])
        let arrived = try setCalls(of: server) - before
        guard arrived == requests else {
            throw BenchError("\(arrived) of \(requests) requests arrived")
        }
        // "test","rps","avg_latency_ms","min…","p50…","p95…","p99…","max…"
        let row = text.split(separator: "\n").first { $0.hasPrefix("\"SET\"") } ?? ""
        let values = row.split(separator: ",").map { Double($0.filter { $0 != "\"" }) }
        guard values.count == 8, let rate = values[1], let p99 = values[6] else {
            throw BenchError("redis-benchmark printed \"\(row)\"")
        }
        return [rate, p99]
    }

    /// How many SETs the server has done, asked over a connection of its own.
    private func setCalls(of server: any BenchServer) throws(BenchError) -> Int {
        let text = try ChildProcess.output(
            of: "redis-cli",
            ["-h", "127.0.0.1", "-p", "\(server.port)", "INFO", "commandstats"])
        guard let start = text.firstRange(of: "cmdstat_set:calls=")?.upperBound else { return 0 }
        return Int(text[start...].prefix { $0.isNumber }) ?? 0
    }
}

/// A Redis that keeps nothing on the disk.
final class RedisServer: BenchServer {
    let port: UInt16
    private let process: ChildProcess

    init(_ ground: Ground) throws(BenchError) {
        port = ground.nextPort()
        process = try ChildProcess(
            "redis-server",
            ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--daemonize", "no"],
            in: ground.folder)
        try process.awaitListener(on: port)
    }

    func stop() { process.stop() }
}
