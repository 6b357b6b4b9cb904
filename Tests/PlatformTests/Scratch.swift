import Foundation
import Platform
import Testing

/// A folder of a test's own, gone with it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("weir-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension SystemNetwork {
    /// Lets the loop run until the condition holds; what takes longer than 20 s hangs.
    func run(until isDone: () -> Bool) throws {
        let end = readClock().advanced(byNanoseconds: 20_000_000_000)
        while !isDone() {
            let left = end.nanoseconds(since: readClock())
            try #require(left > 0, "what was waited for has not come")
            turn(waitingAtMost: left)
        }
    }
}

/// Waits until the condition holds, because a child that another test starts holds a copy of every
/// descriptor until it runs its program; 20 s at most.
func eventually(_ holds: () -> Bool) -> Bool {
    let end = MonotonicClock.read().advanced(byNanoseconds: 20_000_000_000)
    while !holds() {
        if MonotonicClock.read() > end { return false }
        sched_yield()
    }
    return true
}
