import Foundation

/// The folders and ports of one bench. Everything in it is removed at the end.
final class Ground {
    /// On the disk.
    let folder: URL
    /// In memory; nil where the machine has no tmpfs to write to.
    let tmpfsFolder: URL?
    private var ports = Ports()
    private var starts = 0

    init(diskFolder: String) throws(BenchError) {
        let name = "weir-bench-\(ProcessInfo.processInfo.processIdentifier)"
        folder = URL(filePath: diskFolder).appending(path: name)
        tmpfsFolder =
            FileManager.default.isWritableFile(atPath: "/dev/shm")
            ? URL(filePath: "/dev/shm/\(name)") : nil
        for folder in [folder, tmpfsFolder].compactMap(\.self) { try Self.make(folder) }
    }

    func remove() {
        for folder in [folder, tmpfsFolder].compactMap(\.self) {
            try? FileManager.default.removeItem(at: folder)
        }
    }

    func nextPort() -> UInt16 { ports.next() }

    /// Calls the body with fresh folders, which are removed after it.
    func withFolders<Result>(
        _ body: (_ disk: URL, _ tmpfs: URL?) throws(BenchError) -> Result
    ) throws(BenchError) -> Result {
        starts += 1
        let disk = folder.appending(path: "\(starts)")
        let tmpfs = tmpfsFolder?.appending(path: "\(starts)")
        for folder in [disk, tmpfs].compactMap(\.self) { try Self.make(folder) }
        defer {
            for folder in [disk, tmpfs].compactMap(\.self) {
                try? FileManager.default.removeItem(at: folder)
            }
        }
        return try body(disk, tmpfs)
    }

    private static func make(_ folder: URL) throws(BenchError) {
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true)
        } catch {
            throw BenchError("\(folder.path): \(error.localizedDescription)")
        }
    }
}
