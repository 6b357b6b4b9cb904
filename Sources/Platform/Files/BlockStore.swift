/// Where a recorder's blocks come from and go to: the block pool and the disk, or memory in tests.
///
/// All of it belongs to the loop's thread, and no call waits for the disk.
package protocol BlockStore: AnyObject {
    var handler: (any BlockStoreHandler)? { get set }

    /// Memory of one block, `BlockPool.blockBytes` long; nil when all are on their way to the disk.
    func takeBlock() -> UnsafeMutableRawBufferPointer?

    /// Appends the first `count` bytes of a taken block to the file; the memory is the store's
    /// again. Blocks reach the file in the order of these calls, each whole or not at all. After
    /// one was lost all are, until `recover`.
    func write(_ block: UnsafeMutableRawBufferPointer, count: Int)

    /// Tries to write again after blocks were lost: what is handed over from now on follows the
    /// last whole block.
    func recover()

    /// Makes what was written durable and closes the file, once all blocks are through. The handler
    /// hears `storeClosed`.
    func close()
}

/// Hears what became of blocks, never inside a call of the store.
package protocol BlockStoreHandler: AnyObject {
    /// A block can be taken again.
    func blockFreed()

    /// A block could not be written: its bytes for the length of the call, and why. It can be taken
    /// again after the call, and `blockFreed` says so.
    func blockLost(_ block: UnsafeRawBufferPointer, _ error: Errno)

    /// The file is closed; with the error that making it durable met.
    func storeClosed(_ error: Errno?)
}
