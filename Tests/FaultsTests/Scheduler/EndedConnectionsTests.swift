import Testing

@testable import Faults

@Suite struct EndedConnectionsTests {
    @Test(arguments: UInt64(1)...20)
    func `it holds what was put in, in any order`(seed: UInt64) {
        print("seed \(seed)")
        var ended = EndedConnections()
        var wanted: Set<UInt32> = []
        let edges: [UInt32] = [0, 1, .max, .max - 1]
        for step in UInt64(0)..<200 {
            let roll = Dice(seed: seed).at(step)
            let number = step < 4 ? edges[Int(step)] : UInt32(roll.roll(below: 150))
            ended.insert(number)
            wanted.insert(number)
            let probe = UInt32(roll.at(1).roll(below: 160))
            #expect(ended.contains(probe) == wanted.contains(probe))
            #expect(ended.contains(number))
        }
        #expect(ended.contains(.max) && ended.contains(.max - 1) && !ended.contains(.max - 2))
    }
}
