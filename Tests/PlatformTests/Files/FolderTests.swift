import Glibc
import Platform
import Testing

@Suite struct FolderTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func text(of path: String) throws -> String {
        String(decoding: try Folder.contents(of: path, limit: 1_000), as: UTF8.self)
    }

    @Test func `a folder is made with those above it, and may be there already`() throws {
        try Folder.make(scratch.file("a/b//c/"))
        try Folder.make(scratch.file("a/b/c"))
        #expect(Folder.isFolder(scratch.file("a/b/c")))
        try Folder.write([1], to: scratch.file("a/file"))
        #expect(throws: FileError.self) { try Folder.make(scratch.file("a/file")) }
        #expect(throws: FileError.self) { try Folder.make(scratch.file("a/file/x")) }
    }

    @Test func `a whole file is written at one blow, and not over another unless asked`() throws {
        let path = scratch.file("plan.json")
        try Folder.write(Array("one".utf8), to: path)
        #expect(throws: FileError("create", path, .exists)) { try Folder.write([], to: path) }
        try Folder.write(Array("two".utf8), to: path, replacing: true)
        #expect(try text(of: path) == "two")
        #expect(throws: FileError.self) { try Folder.write([1], to: scratch.file("no/x")) }
    }

    @Test func `reading a whole file stops at its limit`() throws {
        let path = scratch.file("large")
        try Folder.write([UInt8](repeating: 7, count: 1_001), to: path)
        #expect(throws: FileError("read", path, .fileTooLarge, limit: 1_000)) {
            try Folder.contents(of: path, limit: 1_000)
        }
        #expect(try Folder.contents(of: path, limit: 1_001).count == 1_001)
    }

    @Test func `what is no file is not waited for, unless pipes are taken`() throws {
        let pipe = scratch.file("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(throws: FileError("read", pipe, .notSeekable)) {
            try Folder.contents(of: pipe, limit: 100)
        }
        #expect(throws: FileError("read", "/dev/zero", .notSeekable)) {
            try Folder.contents(of: "/dev/zero", limit: 100)
        }
        #expect(throws: FileError("read", "/", .isDirectory)) {
            try Folder.contents(of: "/", limit: 100)
        }
        // A descriptor that reads and writes keeps the pipe open for both.
        let end = open(pipe, O_RDWR)
        defer { close(end) }
        #expect(write(end, String(repeating: "x", count: 200), 200) == 200)
        #expect(throws: FileError("read", pipe, .fileTooLarge, limit: 100)) {
            try Folder.contents(of: pipe, limit: 100, takesPipes: true)
        }
    }

    @Test func `a link is replaced, and a folder in its place is not`() throws {
        let path = scratch.file("latest")
        try Folder.link(path, to: "one")
        try Folder.link(path, to: "two")
        try Folder.write(Array("here".utf8), to: scratch.file("two"))
        #expect(try text(of: path) == "here")
        try Folder.make(scratch.file("folder"))
        #expect(throws: FileError.self) { try Folder.link(scratch.file("folder"), to: "one") }
        #expect(Folder.isFolder(scratch.file("folder")))
    }

    @Test func `lines reach the file whole, at a flush and at the end`() throws {
        let path = scratch.file("log.jsonl")
        do {
            let lines = try LineFile(creating: path)
            try lines.append("one")
            #expect(try text(of: path) == "")
            try lines.flush()
            #expect(try text(of: path) == "one\n")
            try lines.append("two")
        }
        #expect(try text(of: path) == "one\ntwo\n")
        #expect(throws: FileError("create", path, .exists)) { try LineFile(creating: path) }
    }
}
