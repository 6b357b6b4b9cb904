import Engine
import Platform
import Recordings

/// A disk in memory: it takes its time, can stop, and can be full.
package final class MemoryBlockStore: BlockStore, TimerHandler {
    package weak var handler: (any BlockStoreHandler)?

    /// The file so far.
    package private(set) var file: [UInt8] = []

    /// How long a block takes to be written.
    package var writeNanoseconds: Int64 = 100_000

    /// The most bytes that fit; the block beyond is lost with `ENOSPC`.
    package var capacity = Int.max

    /// A disk that does not answer: nothing is written until it does again.
    package var isStalled = false {
        didSet { goOn() }
    }

    package private(set) var isClosed = false

    private let network: any Network
    private let blockBytes: Int
    private var free: [UnsafeMutableRawBufferPointer] = []
    private var blocksLeft: Int
    private var pending: [(block: UnsafeMutableRawBufferPointer, count: Int)] = []
    private var timer: TimerToken?
    private var isFailing = false
    private var isClosing = false

    /// - Parameters:
    ///   - blocks: how many there are; while all wait for the disk there is none to take.
    ///   - blockBytes: a multiple of 4,096, up to 2 MiB; small ones are soon full.
    package init(
        on network: any Network, blocks: Int = 4, blockBytes: Int = RecordingFormat.blockBytes
    ) {
        self.blockBytes = blockBytes
        self.network = network
        blocksLeft = blocks
    }

    deinit {
        for block in free { block.deallocate() }
        for (block, _) in pending { block.deallocate() }
    }

    package func takeBlock() -> UnsafeMutableRawBufferPointer? {
        if let block = free.popLast() { return block }
        guard blocksLeft > 0 else { return nil }
        blocksLeft -= 1
        return .allocate(byteCount: blockBytes, alignment: 4_096)
    }

    package func write(_ block: UnsafeMutableRawBufferPointer, count: Int) {
        pending.append((block, count))
        goOn()
    }

    package func recover() { isFailing = false }

    package func close() {
        isClosing = true
        goOn()
    }

    private func goOn() {
        guard timer == nil, !isStalled, !pending.isEmpty || isClosing && !isClosed else { return }
        timer = network.schedule(at: network.now.advanced(byNanoseconds: writeNanoseconds), self)
    }

    package func timerFired(_ timer: TimerToken) {
        self.timer = nil
        guard !isStalled else { return }
        if pending.isEmpty {
            isClosed = true
            handler?.storeClosed(nil)
            return
        }
        let (block, count) = pending.removeFirst()
        let bytes = UnsafeRawBufferPointer(rebasing: block[..<count])
        if isFailing || file.count + count > capacity {
            isFailing = true
            handler?.blockLost(bytes, .noSpace)
        } else {
            file.append(contentsOf: bytes)
        }
        free.append(block)
        handler?.blockFreed()
        goOn()
    }
}
