import CLinux

/// Blocks to a file, by a thread of its own: the loop never waits for the disk.
///
/// ```
/// loop    take ─► fill ─► write ─┐                    ┌─► lost? ─► freed ─► take …
/// thread                         └─► pwrite, whole ───┘
/// ```
/// Blocks are handed over whole, so that what it costs to wake a thread (some 50 µs) is paid once
/// in 2 MiB. The queue holds no more than the pool has blocks.
package final class BlockWriter: BlockStore, DoorbellHandler {
    package weak var handler: (any BlockStoreHandler)?

    private let pool: BlockPool
    private let channel: BlockChannel
    private let doorbell: Doorbell
    private let network: SystemNetwork
    private var isClosing = false

    /// Writes behind the first `offset` bytes of `file`, which the writer closes: nobody else
    /// should hold it.
    package init(
        to file: File, from offset: Int64 = 0, pool: BlockPool, network: SystemNetwork
    ) throws(Errno) {
        self.pool = pool
        self.network = network
        let relay = DoorbellRelay()
        doorbell = try network.makeDoorbell(relay)
        channel = try BlockChannel(memory: pool.memory, doorbell: doorbell)
        relay.writer = self
        let worker = BlockWorker(channel: channel, file: file, offset: offset)
        try SystemThread.start { worker.run() }
    }

    deinit {
        // Harmless when it was closed: the thread is gone by then.
        channel.hand(.stop)
        network.remove(doorbell)
    }

    package func takeBlock() -> UnsafeMutableRawBufferPointer? { pool.take() }

    package func write(_ block: UnsafeMutableRawBufferPointer, count: Int) {
        precondition(!isClosing, "a closed file was written to")
        precondition((1...BlockPool.blockBytes).contains(count), "a block of \(count) bytes")
        channel.hand(.write(block: pool.number(of: block), count: count))
    }

    package func recover() { channel.hand(.recover) }

    package func close() {
        guard !isClosing else { return }
        isClosing = true
        channel.hand(.close)
    }

    package func doorbellRang(_ doorbell: Doorbell) {
        while let outcome = channel.nextOutcome() {
            switch outcome {
            case .written(let block):
                pool.giveBack(block)
                handler?.blockFreed()
            case .lost(let block, let count, let error):
                handler?.blockLost(.init(rebasing: pool.memory[block][..<count]), error)
                pool.giveBack(block)
                handler?.blockFreed()
            case .closed(let error):
                handler?.storeClosed(error)
            }
        }
    }
}

/// Hears the doorbell for the writer without keeping it alive.
private final class DoorbellRelay: DoorbellHandler {
    weak var writer: BlockWriter?

    func doorbellRang(_ doorbell: Doorbell) { writer?.doorbellRang(doorbell) }
}
