import Testing

@testable import Platform

@Suite struct TimerQueueTests {
    @Test(arguments: [UInt64](1...20))
    func `timers come due in order, whatever is set and cancelled between`(seed: UInt64) {
        print("seed \(seed)")
        var dice = Dice(state: seed)
        var queue = TimerQueue()
        // The model: a list, searched.
        var model: [(time: Int64, order: Int, token: TimerToken)] = []
        var now: Int64 = 0
        for order in 0..<2_000 {
            switch dice.draw(below: 4) {
            case 0, 1:
                let time = now + Int64(dice.draw(below: 50))
                let token = queue.add(at: MonotonicTime(nanoseconds: time), Nobody())
                model.append((time, order, token))
            case 2 where !model.isEmpty:
                let victim = model.remove(at: Int(dice.draw(below: UInt64(model.count))))
                #expect(queue.cancel(victim.token) != nil)
                #expect(queue.cancel(victim.token) == nil)
            default:
                now += Int64(dice.draw(below: 10))
                let due = model.filter { $0.time <= now }
                    .sorted { ($0.time, $0.order) < ($1.time, $1.order) }.map(\.token)
                model.removeAll { $0.time <= now }
                var fired: [TimerToken] = []
                while let timer = queue.removeDue(at: MonotonicTime(nanoseconds: now)) {
                    #expect(queue.takeHandler(of: timer) != nil)
                    fired.append(timer)
                }
                #expect(fired == due, "seed \(seed)")
            }
            #expect(queue.count == model.count)
            #expect(queue.nextTime?.nanoseconds == model.map(\.time).min())
        }
    }

    @Test func `a timer that is due can still be cancelled, and its handler is let go`() throws {
        var queue = TimerQueue()
        var handler: Nobody? = Nobody()
        weak let kept = handler
        let token = queue.add(at: MonotonicTime(nanoseconds: 5), try #require(handler))
        handler = nil
        #expect(queue.removeDue(at: MonotonicTime(nanoseconds: 4)) == nil)
        #expect(queue.removeDue(at: MonotonicTime(nanoseconds: 5)) == token)
        #expect(kept != nil)
        #expect(queue.cancel(token) === kept)
        #expect(kept == nil)
        #expect(queue.takeHandler(of: token) == nil)
    }

    @Test func `a token of a timer that is gone means no other`() {
        var queue = TimerQueue()
        let time = MonotonicTime(nanoseconds: 1)
        let gone = queue.add(at: time, Nobody())
        _ = queue.cancel(gone)
        let other = queue.add(at: time, Nobody())
        #expect(queue.cancel(gone) == nil)
        #expect(gone != other)
        #expect(queue.removeDue(at: time) == other)
    }

    @Test func `setting and cancelling leaves nothing behind`() {
        var queue = TimerQueue()
        for time in 0..<10_000 as Range<Int64> {
            _ = queue.cancel(queue.add(at: MonotonicTime(nanoseconds: .max - time), Nobody()))
        }
        #expect(queue.count == 0)
        #expect(queue.add(at: MonotonicTime(nanoseconds: 0), Nobody()).id & 0xFFFF_FFFF == 0)
    }
}

private final class Nobody: TimerHandler {
    func timerFired(_ timer: TimerToken) {}
}

/// SplitMix64.
private struct Dice {
    var state: UInt64

    mutating func draw(below bound: UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return (mixed ^ (mixed >> 31)).multipliedFullWidth(by: bound).high
    }
}
