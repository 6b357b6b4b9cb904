import CLinux

/// A fixed number of blocks of memory, used again and again: fresh memory costs a page fault for
/// each page. All of it belongs to one thread; `BlockMemory` may be read and written by another.
package final class BlockPool {
    /// One block, and what it is aligned to: a huge page.
    package static let blockBytes = 2 << 20

    /// About 25 MB: enough that a disk may pause for a hundredth of a second at 2 GB/s.
    package static let defaultCount = 12

    let memory: BlockMemory

    /// The numbers of the free blocks. The last that came back is taken first: it is in the cache.
    private var free: [Int]
    private var isTaken: [Bool]

    /// Maps the memory; the kernel gives it when it is touched first.
    package init(count: Int = defaultCount) throws(Errno) {
        precondition(count > 0, "a pool without blocks")
        memory = try BlockMemory(count: count)
        free = Array((0..<count).reversed())
        isTaken = Array(repeating: false, count: count)
    }

    /// How many blocks there are, and how many of them are free.
    package var count: Int { isTaken.count }
    package var freeCount: Int { free.count }

    /// A block; nil when all are taken. What is in it is left from its last use.
    package func take() -> UnsafeMutableRawBufferPointer? {
        guard let number = free.popLast() else { return nil }
        isTaken[number] = true
        return memory[number]
    }

    /// Takes a block back.
    package func giveBack(_ block: UnsafeMutableRawBufferPointer) {
        giveBack(number(of: block))
    }

    func giveBack(_ number: Int) {
        precondition(isTaken[number], "a block was given back twice")
        isTaken[number] = false
        free.append(number)
    }

    /// Which block this is.
    func number(of block: UnsafeMutableRawBufferPointer) -> Int {
        let distance = Int(bitPattern: block.baseAddress) - memory.address
        let (number, rest) = distance.quotientAndRemainder(dividingBy: Self.blockBytes)
        precondition(
            rest == 0 && isTaken.indices.contains(number), "the block is not this pool's")
        return number
    }
}

/// The memory of a pool, which lives as long as anybody may touch it.
final class BlockMemory: Sendable {
    let address: Int
    private let count: Int

    init(count: Int) throws(Errno) {
        self.count = count
        let size = count * BlockPool.blockBytes
        let result = weir_map_blocks(size, BlockPool.blockBytes)
        address = Int(try Errno.check(result))
    }

    deinit {
        _ = weir_unmap(address, count * BlockPool.blockBytes)
    }

    subscript(number: Int) -> UnsafeMutableRawBufferPointer {
        precondition(number >= 0 && number < count, "there is no block \(number)")
        let start = UnsafeMutableRawPointer(bitPattern: address + number * BlockPool.blockBytes)
        return UnsafeMutableRawBufferPointer(start: start, count: BlockPool.blockBytes)
    }
}
