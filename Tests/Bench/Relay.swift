import Engine
import Platform
import Recordings

/// Weir's engine without the command around it, for what no command offers: passing through without
/// recording, and recording into blocks that nobody keeps.
enum Relay {
    /// Forwards until the process is ended.
    static func run(listen: UInt16, upstream: UInt16, recording: Bool) throws {
        let network = try SystemNetwork()
        let store = recording ? DiscardingStore(on: network) : nil
        let session = Session(
            network: network, recorder: try Recorder(network: network, store: store))
        let route = Route(
            name: "bench", listen: .ipv4(bytes: [127, 0, 0, 1], port: listen),
            upstream: .ipv4(bytes: [127, 0, 0, 1], port: upstream))
        let proxy = Proxy(session: session, routes: [route])
        try proxy.start()
        network.run()
        // The loop runs until the process ends; so long its proxy and store are needed.
        withExtendedLifetime((proxy, store)) {}
    }
}

/// Takes blocks and forgets what is in them.
private final class DiscardingStore: BlockStore, TurnHandler {
    static let blocks = 8

    weak var handler: (any BlockStoreHandler)?
    private let network: any Network
    private var free: [UnsafeMutableRawBufferPointer]
    private var isTelling = false

    init(on network: any Network) {
        self.network = network
        free = (0..<Self.blocks).map { _ in
            .allocate(
                byteCount: RecordingFormat.blockBytes, alignment: RecordingFormat.blockBytes)
        }
    }

    deinit { for block in free { block.deallocate() } }

    func takeBlock() -> UnsafeMutableRawBufferPointer? { free.popLast() }

    func write(_ block: UnsafeMutableRawBufferPointer, count: Int) {
        free.append(block)
        if !isTelling { network.callNextTurn(self) }
        isTelling = true
    }

    func nextTurn() {
        isTelling = false
        handler?.blockFreed()
    }

    func recover() {}
    func close() {}
}
