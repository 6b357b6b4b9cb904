import Foundation

/// What comes out of a pipe, collected as it comes so that the writer never waits.
final class CollectedText: Sendable {
    let pipe = Pipe()
    private let state = State()

    /// What came, and whether more can; used with the condition locked.
    private final class State: @unchecked Sendable {
        let changed = NSCondition()
        var data = Data()
        var hasEnded = false
    }

    /// Begins to read; the pipe's writing end is the child's alone from now on.
    func collect() {
        let reading = pipe.fileHandleForReading
        let state = state
        try? pipe.fileHandleForWriting.close()
        Thread.detachNewThread {
            while true {
                let data = reading.availableData
                state.changed.withLock {
                    state.data += data
                    state.hasEnded = data.isEmpty
                    state.changed.broadcast()
                }
                if data.isEmpty { return }
            }
        }
    }

    var data: Data { state.changed.withLock { state.data } }

    var text: String { String(decoding: data, as: UTF8.self) }

    /// Whether that came before the end and before so many seconds were over.
    func wait(for text: String, within seconds: TimeInterval) -> Bool {
        let wanted = Data(text.utf8)
        return wait(within: seconds) { $0.data.range(of: wanted) != nil || $0.hasEnded }
            && data.range(of: wanted) != nil
    }

    /// Whether the end came before so many seconds were over.
    func waitForEnd(within seconds: TimeInterval) -> Bool {
        wait(within: seconds) { $0.hasEnded }
    }

    private func wait(within seconds: TimeInterval, until holds: (State) -> Bool) -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        return state.changed.withLock {
            while !holds(state) {
                guard state.changed.wait(until: end) else { return holds(state) }
            }
            return true
        }
    }
}
