/// Something that is done through each rival, and measured.
protocol Workload {
    /// The table's title.
    var title: String { get }

    /// What is measured, in which unit: a lead has to know what is good.
    var measures: [Measure] { get }

    /// Begins to serve; the returned server is what the rivals forward to.
    func startServer(_ ground: Ground) throws(BenchError) -> any BenchServer

    /// Goes through the port once. One value a measure, in their order. Throws where something that
    /// was sent did not arrive: who loses bytes is fast.
    func run(through port: UInt16, to server: any BenchServer) throws(BenchError) -> [Double]
}

/// A figure of a workload.
struct Measure {
    var name: String
    var unit: String
    var isBetterWhenHigher: Bool
}

/// What the rivals forward to.
protocol BenchServer: AnyObject {
    var port: UInt16 { get }
    func stop()
}

/// The sizes of one bench: the default, or the quick one.
struct Effort {
    var rounds: Int
    var bulkBytes: Int
    var exchanges: Int
    var connections: Int
    /// Without pipelining; sixteen times as many with 16 in flight would take as long.
    var redisRequests: Int

    static let full = Effort(
        rounds: 5, bulkBytes: 1 << 30, exchanges: 8_000, connections: 1_000,
        redisRequests: 40_000)
    static let quick = Effort(
        rounds: 3, bulkBytes: 256 << 20, exchanges: 2_000, connections: 300,
        redisRequests: 10_000)

    /// In the order of the tables.
    var workloads: [any Workload] {
        [
            Bulk(connections: 1, bytes: bulkBytes), Bulk(connections: 64, bytes: bulkBytes),
            RedisBenchmark(pipeline: 1, requests: redisRequests),
            RedisBenchmark(pipeline: 16, requests: redisRequests * 5),
            PingPong(exchanges: exchanges), ConnectionRate(connections: connections),
        ]
    }
}
