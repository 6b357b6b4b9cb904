import Testing

@testable import Reactions

@Suite struct DeltaDebuggingTests {
    /// What it ends with, and how much it asked.
    struct Found: Equatable {
        var smallest: [Int]
        var asked: Int
    }

    static func run(
        _ machine: DeltaDebugging, atMost limit: Int = .max, _ shows: ([Int]) -> Bool
    ) -> Found {
        var machine = machine
        var asked = 0
        while asked < limit, let part = machine.next() {
            asked += 1
            machine.receive(shows(part))
        }
        return Found(smallest: machine.smallest, asked: asked)
    }

    static func isOneMinimal(_ part: [Int], _ shows: ([Int]) -> Bool) -> Bool {
        part.count == 1
            || part.indices.allSatisfy { index in
                var rest = part
                rest.remove(at: index)
                return !shows(rest)
            }
    }

    @Test func `of 500 exactly the two that show it together are found, in at most 33 asked`() {
        let seed: UInt64 = 1
        print("seed \(seed)")
        var random = SeededRandom(state: seed)
        var (most, sum) = (0, 0)
        let rounds = 2_000
        for _ in 0..<rounds {
            let first = Int(random.below(500))
            let second = Int(random.below(500))
            let needed = Set([first, second])
            let found = Self.run(DeltaDebugging(count: 500)) { needed.isSubset(of: $0) }
            #expect(found.smallest == needed.sorted())
            most = max(most, found.asked)
            sum += found.asked
        }
        print("asked at most \(most), \(sum / rounds) in the mean")
        #expect(most <= 33)
    }

    @Test func `the one element of 500 that shows it is found in at most 17 asked`() {
        let asked = (0..<500).map { element in
            let found = Self.run(DeltaDebugging(count: 500)) { $0.contains(element) }
            #expect(found.smallest == [element])
            return found.asked
        }
        #expect(asked.max() == 17)
    }

    @Test func `a likely beginning that shows it saves the search`() {
        let machine = DeltaDebugging(count: 500, prefixes: [1, 16])
        #expect(Self.run(machine) { $0.contains(0) } == Found(smallest: [0], asked: 1))
        #expect(Self.run(machine) { $0.contains(9) }.asked <= 2 + 8)
        #expect(Self.run(machine) { $0.contains(499) }.smallest == [499])
    }

    @Test func `the empty part is asked about where it may show it`() {
        #expect(Self.run(DeltaDebugging(count: 9, mayBeEmpty: true)) { _ in true }.smallest == [])
        #expect(Self.run(DeltaDebugging(count: 9)) { _ in true }.smallest == [0])
        #expect(Self.run(DeltaDebugging(count: 0, mayBeEmpty: true)) { _ in true }.asked == 0)
        let one = DeltaDebugging(count: 1, mayBeEmpty: true)
        #expect(Self.run(one) { !$0.isEmpty } == Found(smallest: [0], asked: 1))
    }

    @Test func `any needed elements are found exactly, and others change nothing`() {
        let seed: UInt64 = 2
        print("seed \(seed)")
        var random = SeededRandom(state: seed)
        for _ in 0..<500 {
            let count = 1 + Int(random.below(200))
            let needed = Set(
                (0..<(1 + random.below(6))).map { _ in Int(random.below(UInt64(count))) })
            let found = Self.run(DeltaDebugging(count: count)) { needed.isSubset(of: $0) }
            #expect(found.smallest == needed.sorted())
        }
    }

    @Test func `whatever it depends on, what is found is 1-minimal and shows it`() {
        let seed: UInt64 = 3
        print("seed \(seed)")
        var random = SeededRandom(state: seed)
        for _ in 0..<500 {
            let count = 1 + Int(random.below(24))
            let salt = random.next()
            let all = Array(0..<count)
            // Any part shows it or not as the dice say, and the whole does.
            func shows(_ part: [Int]) -> Bool {
                var dice = SeededRandom(state: part.reduce(salt) { ($0 &* 31) &+ UInt64($1) })
                return part == all || dice.below(3) == 0
            }
            let found = Self.run(DeltaDebugging(count: count), shows)
            #expect(shows(found.smallest))
            #expect(Self.isOneMinimal(found.smallest, shows))
        }
    }

    @Test func `no part is asked about twice`() {
        let seed: UInt64 = 4
        print("seed \(seed)")
        var random = SeededRandom(state: seed)
        for _ in 0..<200 {
            let count = 1 + Int(random.below(40))
            let needed = Set((0..<3).map { _ in Int(random.below(UInt64(count))) })
            var asked: Set<[Int]> = []
            let machine = DeltaDebugging(count: count, prefixes: [1, 4])
            _ = Self.run(machine) { part in
                #expect(asked.insert(part).inserted)
                return needed.isSubset(of: part)
            }
        }
    }

    @Test func `one that was stopped has the smallest part so far`() {
        let needed: Set<Int> = [7, 450]
        var smallest = Array(0..<500)
        for limit in 0..<36 {
            let found = Self.run(DeltaDebugging(count: 500), atMost: limit) {
                needed.isSubset(of: $0)
            }
            #expect(needed.isSubset(of: found.smallest))
            #expect(found.smallest.count <= smallest.count)
            smallest = found.smallest
        }
    }

    @Test func `a symptom that shows in half of the runs is found by repeating`() {
        let seed: UInt64 = 5
        print("seed \(seed)")
        var random = SeededRandom(state: seed)
        var exact = 0
        for _ in 0..<200 {
            let needed = Set([Int(random.below(500)), Int(random.below(500))])
            let found = Self.run(DeltaDebugging(count: 500)) { part in
                var trial = RepeatedTrial(repeats: 12)
                while true {
                    let shown = needed.isSubset(of: part) && random.below(2) == 0
                    if let settled = trial.receive(shown) { return settled }
                }
            }
            #expect(needed.isSubset(of: found.smallest))
            if found.smallest == needed.sorted() { exact += 1 }
        }
        // One candidate in 4,096 is taken for one without it.
        #expect(exact == 200)
    }
}

@Suite struct BisectionTests {
    @Test func `the smallest number is found in as many questions as it has bits`() {
        for smallest in 0...64 {
            var bisection = Bisection(0...64)
            var asked = 0
            while let number = bisection.next() {
                asked += 1
                bisection.receive(number >= smallest)
            }
            #expect(bisection.smallest == smallest)
            #expect(asked <= 7)
        }
    }

    @Test func `the first step of a ladder that shows it is kept`() {
        var ladder = Ladder(["none", "half", "most"])
        var asked: [String] = []
        while let step = ladder.next() {
            asked.append(step)
            ladder.receive(step == "half")
        }
        #expect(asked == ["none", "half"])
        #expect(ladder.found == "half")
    }
}
