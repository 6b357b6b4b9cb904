import Testing

@testable import Recordings

struct ExchangeTrackerTests {
    /// What a tracker tells of a script on one connection, with what a cut would send again.
    private func facts(_ framer: (any Framer)?, _ script: String) -> [String] {
        var conversation = Conversation(framer: framer)
        var tracker = ExchangeTracker(conversation)
        var lines: [String] = []
        func drain() {
            while let fact = tracker.next() { lines.append(describe(fact, tracker)) }
        }
        for (ordinal, step) in EventScript(script).events.enumerated() {
            guard let direction = step.event.direction else { continue }
            if case .gap(let bytes, _) = step.event.fact {
                conversation.gap(direction, bytes: bytes)
                tracker.gap(direction, of: conversation)
            } else {
                tracker.receive(
                    step.bytes.span, direction, at: step.event.instant, ordinal: UInt64(ordinal),
                    in: &conversation)
            }
            drain()
        }
        tracker.finish()
        drain()
        return lines
    }

    private func describe(_ fact: ExchangeTracker.Fact, _ tracker: ExchangeTracker) -> String {
        switch fact {
        case .message(let tracked) where tracked.placed.direction == .upstream:
            let again = tracker.resendRanges.map {
                $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
            }
            return "sent \(tracked.number) flight \(tracked.flight) after \(tracked.dependsOn) "
                + "again \(again.joined(separator: ","))"
        case .message(let tracked): return "came \(tracked.number)"
        case .answerBegan(let to, let instant, let ordinal):
            return "begins \(to) at \(instant.nanoseconds)/\(ordinal)"
        case .answerCompleted(let to, let instant, let ordinal):
            return "completes \(to) at \(instant.nanoseconds)/\(ordinal)"
        case .turned(let direction, _, _): return "turn \(direction.name)"
        case .opaque(let direction, let offset, _): return "opaque \(direction.name) at \(offset)"
        }
    }

    @Test func `message numbers leave up to one of them`() {
        var numbers = MessageNumbers()
        for number in [1, 2, 3, 5, 6, 9] as [UInt64] { numbers.append(number) }
        numbers.remove(through: 0)
        #expect(Array(numbers.ranges) == [1...3, 5...6, 9...9])
        numbers.remove(through: 5)
        #expect(Array(numbers.ranges) == [6...6, 9...9])
        numbers.remove(through: 20)
        #expect(numbers.isEmpty)
        numbers.append(21)
        #expect(numbers.first == 21)
    }

    @Test func `a ping-pong is one flight a message, each after the answer before`() {
        let lines = facts(
            LineFramer(),
            #"""
            0 > a\n
            5 < 1\n
            7 > b\n
            9 < 2\n
            """#)
        #expect(
            lines == [
                "sent 1 flight 1 after 0 again 1",
                "begins 1 at 5/1", "came 1", "completes 1 at 5/1",
                "sent 2 flight 2 after 1 again 2",
                "begins 2 at 9/3", "came 2", "completes 2 at 9/3",
            ])
    }

    @Test func `messages sent before the answers began are one flight`() {
        let lines = facts(
            LineFramer(),
            #"""
            0 > a\nb\n
            1 > c
            2 < 1\n
            3 > \nd\n
            4 < 2\n3\n4\n
            5 > e\n
            """#)
        #expect(
            lines == [
                "sent 1 flight 1 after 0 again 1", "sent 2 flight 1 after 0 again 1-2",
                "begins 1 at 2/2", "came 1", "completes 1 at 2/2",
                // Its first byte went before the answer, its last one after it.
                "sent 3 flight 2 after 0 again 2-3", "sent 4 flight 2 after 1 again 2-4",
                "begins 2 at 4/4", "came 2", "completes 2 at 4/4",
                "begins 3 at 4/4", "came 3", "completes 3 at 4/4",
                "begins 4 at 4/4", "came 4", "completes 4 at 4/4",
                "sent 5 flight 3 after 4 again 5",
            ])
    }

    @Test func `a message sent while bytes come is placed once it is known what they were`() {
        let lines = facts(
            RedisFramer(),
            #"""
            0 > GET a\r\n
            1 < $3\r\n
            2 > GET b\r\n
            3 < xyz\r\n>1\r\n
            4 > GET c\r\n
            5 < +x\r\n
            """#)
        #expect(
            lines == [
                "sent 1 flight 1 after 0 again 1",
                "begins 1 at 1/1", "sent 2 flight 2 after 0 again 2", "came 1",
                "completes 1 at 3/3",
                // What came was a push: no answer had begun.
                "sent 3 flight 2 after 1 again 2-3", "came 2",
            ])
    }

    @Test func `several answers begin once and complete once`() {
        let lines = facts(
            RedisFramer(),
            #"""
            0 > SUBSCRIBE a b\r\nPING\r\n
            1 < *3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n
            2 > PING\r\n
            3 < *3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n
            """#)
        #expect(
            lines == [
                "sent 1 flight 1 after 0 again 1", "sent 2 flight 1 after 0 again 1-2",
                "begins 1 at 1/1", "came 1",
                "sent 3 flight 2 after 0 again 2-3",
                "came 2", "completes 1 at 3/3", "begins 2 at 3/3", "came 3", "completes 2 at 3/3",
            ])
    }

    @Test func `a group is sent again from its first message until its last is answered`() {
        let lines = facts(
            RedisFramer(),
            #"""
            0 > PING\r\n
            1 < +PONG\r\n
            2 > MULTI\r\nINCR a\r\n
            3 < +OK\r\n+QUEUED\r\n
            4 > INCR b\r\n
            5 < +QUEUED\r\n
            6 > EXEC\r\n
            7 > PING\r\n
            8 < *2\r\n:1\r\n:1\r\n
            9 > PING\r\n
            """#)
        #expect(
            lines.filter { $0.hasPrefix("sent") } == [
                "sent 1 flight 1 after 0 again 1", "sent 2 flight 2 after 1 again 2",
                "sent 3 flight 2 after 1 again 2-3", "sent 4 flight 3 after 3 again 2-4",
                "sent 5 flight 4 after 4 again 2-5", "sent 6 flight 4 after 4 again 2-6",
                "sent 7 flight 5 after 5 again 6-7",
            ])
    }

    @Test func `what owes no answer holds nothing up and is not sent again`() {
        let lines = facts(
            RedisFramer(),
            #"""
            0 > CLIENT REPLY OFF\r\nINCR a\r\n
            1 > INCR b\r\nCLIENT REPLY ON\r\n
            2 < +OK\r\n
            3 > PING\r\n
            """#)
        #expect(
            lines.filter { $0.hasPrefix("sent") } == [
                "sent 1 flight 1 after 0 again 1", "sent 2 flight 1 after 0 again 2",
                "sent 3 flight 1 after 0 again 3", "sent 4 flight 1 after 0 again 4",
                "sent 5 flight 2 after 4 again 5",
            ])
    }

    @Test func `without pairing flights and resends go by turns`() {
        let lines = facts(
            LineFramer(pairing: .none),
            #"""
            0 > a\nb\n
            1 < x
            2 > c\n
            3 > d\n
            4 < y\n
            """#)
        #expect(
            lines == [
                "turn upstream", "sent 1 flight 1 after 0 again 1",
                "sent 2 flight 1 after 0 again 1-2", "turn downstream", "turn upstream",
                "sent 3 flight 2 after 2 again 3", "sent 4 flight 2 after 2 again 3-4",
                "turn downstream", "came 1",
            ])
    }

    @Test func `a link that becomes opaque goes on by turns`() {
        let lines = facts(
            RedisFramer(),
            #"""
            0 > PING\r\nPING\r\n
            1 < +PONG\r\nwhat
            2 > PING\r\n
            3 < more
            4 > PING\r\n
            """#)
        #expect(
            lines == [
                "sent 1 flight 1 after 0 again 1", "sent 2 flight 1 after 0 again 1-2",
                "begins 1 at 1/1", "came 1", "completes 1 at 1/1",
                "opaque downstream at 7", "turn downstream", "turn upstream",
                "sent 3 flight 2 after 2 again 3", "turn downstream", "turn upstream",
                "sent 4 flight 3 after 3 again 4",
            ])
    }

    @Test func `an answer may begin before its message is whole`() {
        let lines = facts(
            LineFramer(),
            #"""
            0 > a
            1 < no
            2 > \n
            3 < pe\n
            4 > b\n
            """#)
        #expect(
            lines == [
                "begins 1 at 1/1", "sent 1 flight 1 after 0 again 1", "came 1",
                "completes 1 at 3/3", "sent 2 flight 2 after 1 again 2",
            ])
    }

    @Test func `an end while bytes come tells what was held back`() {
        let lines = facts(LineFramer(), "0 > a\\n\n1 < x\n2 > b\\n\n")
        #expect(
            lines == ["sent 1 flight 1 after 0 again 1", "sent 2 flight 1 after 0 again 1-2"])
    }

    @Test func `no more than a named number of messages is held back`() {
        var conversation = Conversation(framer: LineFramer())
        var tracker = ExchangeTracker(conversation)
        func receive(_ text: String, _ direction: Direction, _ ordinal: UInt64) -> Int {
            let bytes = Array(text.utf8)
            tracker.receive(
                bytes.span, direction, at: .start, ordinal: ordinal, in: &conversation)
            var count = 0
            while tracker.next() != nil { count += 1 }
            return count
        }
        #expect(receive("x", .downstream, 0) == 0)
        let limit = ExchangeTracker.heldMessages
        #expect(receive(String(repeating: "\n", count: limit - 1), .upstream, 1) == 0)
        #expect(receive("\n", .upstream, 2) == limit)
    }

    @Test func `message numbers leave from anywhere`() {
        var numbers = MessageNumbers()
        var reference: Set<UInt64> = []
        var dice = SeededNumbers(seed: 11)
        var next: UInt64 = 0
        for _ in 0..<20_000 {
            if dice.below(2) == 0 || reference.isEmpty {
                next += 1 + UInt64(dice.below(2))
                numbers.append(next)
                reference.insert(next)
            } else {
                let front = numbers.first ?? 0
                let number = dice.below(3) == 0 ? front : front + UInt64(dice.below(60))
                #expect(numbers.remove(number) == (reference.remove(number) != nil))
            }
            #expect(numbers.first == reference.min())
        }
        #expect(numbers.ranges.flatMap { Array($0) } == reference.sorted())
    }
}
