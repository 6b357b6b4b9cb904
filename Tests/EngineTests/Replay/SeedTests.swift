import Engine
import Faults
import Platform
import Recordings
import Simulation
import Testing

/// Faulted replays whose recording, strikes, consumer and network a seed draws: whatever happens,
/// each strike has one outcome and each byte its place.
struct SeedTests {
    @Test
    func `1,000 seeds of faulted replays hold what is promised, and each repeats to the byte`()
        throws
    {
        var applied: [String: Int] = [:]
        for seed in UInt64(1)...1_000 {
            let first = DrawnReplay(seed: seed)
            let second = DrawnReplay(seed: seed)
            do {
                try first.run()
                try second.run()
            } catch {
                Issue.record("seed \(seed): \(error)\n\(first.story)")
                return
            }
            guard try first.bench.recording() == second.bench.recording() else {
                Issue.record("seed \(seed) did not repeat")
                return
            }
            let broken = first.brokenPromises()
            guard broken.isEmpty else {
                Issue.record(
                    "seed \(seed): \(broken.joined(separator: "; "))\n\(first.story)")
                return
            }
            for (kind, count) in first.appliedKinds { applied[kind, default: 0] += count }
        }
        // The draw has reached each kind often.
        for kind in ["delay", "drop", "duplicate", "reorder", "disconnect", "stall"] {
            #expect(applied[kind, default: 0] > 100, "\(kind)")
        }
    }
}
