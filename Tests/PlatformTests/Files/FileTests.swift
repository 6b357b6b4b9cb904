import Glibc
import Platform
import Testing

@Suite struct FileTests {
    private let scratch: Scratch
    private var path: String { scratch.file("a.weir") }

    init() throws { scratch = try Scratch() }

    private func mode(of path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    private func text(_ file: File, at offset: Int64, _ count: Int) throws -> String {
        var bytes = [UInt8](repeating: 0, count: count)
        let read = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: offset) }
        return String(decoding: bytes.prefix(read), as: UTF8.self)
    }

    @Test func `what was written at a place is read there, and less at the end`() throws {
        let file = try File.create(path)
        try Array("hello".utf8).withUnsafeBytes { try file.write($0, at: 0) }
        try Array("world".utf8).withUnsafeBytes { try file.write($0, at: 7) }
        try file.synchronize()
        #expect(try file.size == 12)
        #expect(try text(file, at: 3, 4) == "lo\0\0")
        #expect(try text(File.open(path), at: 7, 100) == "world")
        #expect(try text(file, at: 12, 1) == "")
        try file.truncate(to: 5)
        #expect(try text(file, at: 0, 100) == "hello")
    }

    @Test func `only its owner may read a new file, also one that replaced another`() throws {
        do { _ = try File.create(path) }
        #expect(mode(of: path) == 0o600)
        chmod(path, 0o644)
        #expect(eventually { (try? File.create(path, replacing: true)) != nil })
        #expect(mode(of: path) == 0o600)
    }

    @Test func `nothing is overwritten unless asked`() throws {
        do {
            let file = try File.create(path)
            try Array("old".utf8).withUnsafeBytes { try file.write($0, at: 0) }
        }
        let error = #expect(throws: FileError.self) { try File.create(path) }
        #expect(error?.errno == .exists)
        let words = error.map { "\($0)" }
        #expect(words == "cannot create \(path): file exists; give --force to replace it")
        #expect(eventually { (try? File.create(path, replacing: true).size) == 0 })
    }

    @Test func `a file that is being written is left alone, and others can tell`() throws {
        let writer = try File.create(path)
        try Array("precious".utf8).withUnsafeBytes { try writer.write($0, at: 0) }
        let error = #expect(throws: FileError.self) { try File.create(path, replacing: true) }
        #expect(error?.errno == .isLocked)
        #expect(try writer.size == 8)
        #expect(try File.open(path).isBeingWritten)
        #expect(!writer.isBeingWritten)
    }

    @Test func `a file that nobody writes any more is not locked`() throws {
        do { _ = try File.create(path) }
        let reader = try File.open(path)
        #expect(eventually { !reader.isBeingWritten })
    }

    @Test func `writing past the page cache takes aligned blocks, and not after it is cleared`()
        throws
    {
        let file = try File.create(path, isDirect: true)
        let pool = try BlockPool(count: 1)
        let block = try #require(pool.take())
        try file.write(.init(rebasing: block[..<4_096]), at: 0)
        let wasDirect = file.isDirect
        #expect(try file.clearDirect() == wasDirect)
        #expect(!file.isDirect)
        try file.write(.init(rebasing: block[..<3]), at: 4_096)
        #expect(try file.size == 4_099)
    }

    @Test func `a file that was removed or replaced is not still there`() throws {
        let file = try File.create(path)
        #expect(file.isStillThere)
        try Folder.remove(path)
        #expect(!file.isStillThere)
        try Folder.write([], to: path)
        #expect(!file.isStillThere)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a pipe is refused, to read and to write, and nobody is waited for`() throws {
        let pipe = scratch.file("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(throws: FileError("read", pipe, .notSeekable)) { try File.open(pipe) }
        #expect(throws: FileError("write", pipe, .notSeekable)) {
            try File.create(pipe, replacing: true)
        }
    }

    @Test func `a file is the same by another name`() throws {
        let file = try File.create(path)
        let link = scratch.file("link.weir")
        #expect(symlink(path, link) == 0)
        #expect(file.isSame(as: link))
        #expect(!file.isSame(as: scratch.path))
    }

    @Test func `what cannot be opened is said with its path`() throws {
        let missing = scratch.file("missing")
        #expect(throws: FileError("open", missing, .noEntry)) { try File.open(missing) }
        #expect(throws: FileError("read", scratch.path, .isDirectory)) {
            try File.open(scratch.path)
        }
        #expect(throws: FileError("read", "/dev/zero", .notSeekable)) {
            try File.open("/dev/zero")
        }
        let inside = scratch.file("none/a.weir")
        let error = #expect(throws: FileError.self) { try File.create(inside) }
        let words = error.map { "\($0)" }
        #expect(
            words == "cannot create \(inside): no such file or directory; make its folder first")
        let full = try File.create("/dev/full", replacing: true)
        #expect(throws: FileError("write", "/dev/full", .noSpace)) {
            try [UInt8(1)].withUnsafeBytes { try full.write($0, at: 0) }
        }
    }
}
