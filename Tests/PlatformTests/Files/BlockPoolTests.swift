import Platform
import Testing

@Suite struct BlockPoolTests {
    @Test func `blocks are aligned, apart and as many as asked for`() throws {
        let pool = try BlockPool(count: 3)
        var blocks: [UnsafeMutableRawBufferPointer] = []
        while let block = pool.take() { blocks.append(block) }
        #expect(blocks.count == 3)
        #expect(pool.freeCount == 0)
        for (number, block) in blocks.enumerated() {
            #expect(block.count == 2 << 20)
            #expect(UInt(bitPattern: block.baseAddress) % (2 << 20) == 0)
            block.initializeMemory(as: UInt8.self, repeating: UInt8(number))
        }
        for (number, block) in blocks.enumerated() {
            #expect(block.allSatisfy { $0 == UInt8(number) })
        }
        for block in blocks { pool.giveBack(block) }
        #expect(pool.freeCount == 3)
    }

    @Test func `the block that came back last is taken first`() throws {
        let pool = try BlockPool(count: 2)
        let first = try #require(pool.take())
        let second = try #require(pool.take())
        pool.giveBack(second)
        pool.giveBack(first)
        #expect(pool.take()?.baseAddress == first.baseAddress)
        #expect(pool.take()?.baseAddress == second.baseAddress)
        #expect(pool.take() == nil)
    }
}
