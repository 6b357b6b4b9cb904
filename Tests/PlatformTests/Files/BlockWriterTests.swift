import Glibc
import Platform
import Testing

@Suite struct BlockWriterTests {
    private let scratch: Scratch
    private let network: SystemNetwork
    private let pool: BlockPool
    private let log = StoreLog()
    private var path: String { scratch.file("a.weir") }

    init() throws {
        scratch = try Scratch()
        network = try SystemNetwork()
        pool = try BlockPool(count: 3)
    }

    private func makeWriter(to file: File, from offset: Int64 = 0) throws -> BlockWriter {
        let writer = try BlockWriter(to: file, from: offset, pool: pool, network: network)
        writer.handler = log
        return writer
    }

    private func write(_ byte: UInt8, _ count: Int, to writer: BlockWriter) throws {
        let block = try #require(writer.takeBlock())
        block.initializeMemory(as: UInt8.self, repeating: byte)
        writer.write(block, count: count)
    }

    @Test(arguments: [false, true])
    func `blocks reach the file in order, through few blocks of memory`(isDirect: Bool) throws {
        let writer = try makeWriter(to: File.create(path, isDirect: isDirect))
        for byte in UInt8(1)...20 {
            try network.run { pool.freeCount > 0 }
            try write(byte, 8_192, to: writer)
        }
        writer.close()
        #expect(log.events.last != "closed", "no callback comes inside a call")
        try network.run { log.events.last == "closed" }
        #expect(log.events.count { $0 == "freed" } == 20)
        #expect(pool.freeCount == 3)
        let bytes = try Folder.contents(of: path, limit: 1 << 20)
        let expected = (UInt8(1)...20).flatMap { [UInt8](repeating: $0, count: 8_192) }
        #expect(bytes == expected)
        let reader = try File.open(path)
        #expect(eventually { !reader.isBeingWritten })
    }

    @Test func `a block may be whole, and the last one of any length`() throws {
        let writer = try makeWriter(to: File.create(path, isDirect: true))
        try write(1, BlockPool.blockBytes, to: writer)
        try write(2, 5, to: writer)
        try write(3, 4_096, to: writer)
        writer.close()
        try network.run { log.events.last == "closed" }
        let bytes = try Folder.contents(of: path, limit: 1 << 22)
        #expect(bytes.count == BlockPool.blockBytes + 5 + 4_096)
        #expect(bytes[BlockPool.blockBytes..<BlockPool.blockBytes + 6] == [2, 2, 2, 2, 2, 3])
    }

    @Test func `on a full disk blocks come back lost, with their bytes and the reason`() throws {
        let writer = try makeWriter(to: File.create("/dev/full", replacing: true))
        try write(1, 4_096, to: writer)
        try write(2, 8_192, to: writer)
        writer.close()
        try network.run { log.events.last == "closed" }
        #expect(
            log.events == [
                "lost 4096 of 1: no space left on device", "freed",
                "lost 8192 of 2: no space left on device", "freed", "closed",
            ])
        #expect(pool.freeCount == 3)
    }

    @Test func `a block that did not fit leaves nothing, and recovering goes on behind the last`()
        throws
    {
        // A file may not grow beyond 1 GiB here; no other test writes so far.
        let limit: Int64 = 1 << 30
        var before = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &before)
        var limits = rlimit(rlim_cur: rlim_t(limit), rlim_max: before.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
        defer { setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &before) }

        let writer = try makeWriter(to: File.create(path), from: limit - 12_288)
        try write(1, 4_096, to: writer)
        try write(2, 16_384, to: writer)
        try network.run { log.events.count == 3 }
        try write(3, 4_096, to: writer)
        writer.recover()
        try write(4, 4_096, to: writer)
        writer.close()
        try network.run { log.events.last == "closed" }
        #expect(
            log.events == [
                "freed", "lost 16384 of 2: file too large", "freed",
                "lost 4096 of 3: file too large", "freed", "freed", "closed",
            ])
        let file = try File.open(path)
        #expect(try file.size == limit - 4_096)
        var bytes = [UInt8](repeating: 0, count: 8_192)
        _ = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: limit - 12_288) }
        #expect(bytes[4_095] == 1 && bytes[4_096] == 4 && bytes[8_191] == 4)
    }

    @Test func `a file that vanished is told at the end`() throws {
        let writer = try makeWriter(to: File.create(path))
        try write(1, 4_096, to: writer)
        try network.run { log.events.count == 1 }
        try Folder.remove(path)
        writer.close()
        try network.run { log.events.count == 2 }
        #expect(log.events == ["freed", "closed: no such file or directory"])
    }

    @Test func `a file that somebody removed or cut takes no further block`() throws {
        let writer = try makeWriter(to: File.create(path))
        try write(1, 8_192, to: writer)
        try network.run { log.events.count == 1 }
        #expect(truncate(path, 4_096) == 0)
        try write(2, 4_096, to: writer)
        try network.run { log.events.count == 3 }
        #expect(log.events == ["freed", "lost 4096 of 2: stale file handle", "freed"])
        #expect(try Folder.contents(of: path, limit: 1 << 20).count == 4_096)
        log.events = []
        try Folder.remove(path)
        writer.recover()
        try write(3, 4_096, to: writer)
        try network.run { log.events.count == 2 }
        #expect(log.events == ["lost 4096 of 3: no such file or directory", "freed"])
    }

    @Test func `a file that was moved goes on being written, and is told at the end`() throws {
        let writer = try makeWriter(to: File.create(path))
        try write(1, 4_096, to: writer)
        try network.run { log.events.count == 1 }
        let moved = scratch.file("moved.weir")
        #expect(rename(path, moved) == 0)
        try write(2, 4_096, to: writer)
        writer.close()
        try network.run { log.events.count == 3 }
        #expect(log.events == ["freed", "freed", "closed: no such file or directory"])
        #expect(try Folder.contents(of: moved, limit: 1 << 20).count == 8_192)
    }

    @Test func `a writer that is let go ends its thread and closes the file`() throws {
        do {
            let writer = try makeWriter(to: File.create(path))
            try write(1, 4_096, to: writer)
        }
        let file = try File.open(path)
        #expect(eventually { !file.isBeingWritten })
        #expect(try file.size == 4_096)
    }
}

private final class StoreLog: BlockStoreHandler {
    var events: [String] = []

    func blockFreed() { events.append("freed") }

    func blockLost(_ block: UnsafeRawBufferPointer, _ error: Errno) {
        events.append("lost \(block.count) of \(block[0]): \(error)")
    }

    func storeClosed(_ error: Errno?) {
        events.append(error.map { "closed: \($0)" } ?? "closed")
    }
}
