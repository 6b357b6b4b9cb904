import Faults
import Recordings
import Text

extension Fuzzer {
    /// Random plans over random traffic, and schedules that were bent.
    static let schedule = Fuzzer(
        name: "schedule", summary: "schedules: made, written, bent, and read back or refused",
        smokeRounds: 500
    ) { dice throws(FuzzFailure) in
        let bytes = try made(&dice)
        guard let file = try? ScheduleFile.read(bytes, file: "s.jsonl") else {
            throw FuzzFailure("a schedule does not read back: \(EscapedText(bytes.span))")
        }
        guard ScheduleWriter.bytes(file.schedule) == bytes else {
            throw FuzzFailure("a schedule is written differently: \(EscapedText(bytes.span))")
        }
        let text = FuzzText.bent(String(decoding: bytes, as: UTF8.self), &dice)
        do throws(DocumentError) {
            let bent = try ScheduleFile.read(Array(text.utf8), file: "s.jsonl")
            use(bent.schedule)
        } catch {
            try FuzzText.check(error.description)
        }
    }

    private static let rules = [
        "drop chance=20%", "duplicate chance=30%", "reorder chance=50%", "reorder name=b depth=3",
        "disconnect chance=10% where=before", "delay by=1ms chance=1/3 times=4",
        "drop name=c contains=SET", "latency latency=1ms jitter=2ms messages=2-5 chance=1/2",
        "duplicate name=d direction=downstream", "disconnect name=e then=stop messages=3",
    ]

    /// A schedule's file, made of traffic that is well formed only for the most part.
    private static func made(_ dice: inout FuzzDice) throws(FuzzFailure) -> [UInt8] {
        var plan = Plan()
        for rule in rules where dice.isOne(in: 2) {
            guard let rule = try? FaultText.rule(rule), (try? plan.add(rule)) != nil else {
                throw FuzzFailure("\(rule) is not read")
            }
        }
        let framing = dice.pick(["redis", "line", "line:pairing=none"])
        guard let choice = try? FramingChoice(parsing: framing),
            let scheduler = try? Scheduler(plan, seed: dice.next(), framing: choice)
        else { throw FuzzFailure("no scheduler for \(framing)") }
        var writer = ScheduleWriter()
        writer.write(scheduler.header)
        for condition in scheduler.conditions { writer.write(condition) }
        for step in 0..<dice.below(60) {
            let (event, bytes) = event(step, &dice)
            scheduler.receive(event, bytes.span)
            while let next = scheduler.next() { writer.write(next.strike) }
        }
        scheduler.finish()
        while let next = scheduler.next() { writer.write(next.strike) }
        writer.finish()
        return writer.takeBytes()
    }

    private static func event(_ step: Int, _ dice: inout FuzzDice) -> (Event, [UInt8]) {
        let direction: Direction = dice.isOne(in: 2) ? .upstream : .downstream
        let requests = ["SET a 1\r\n", "MULTI\r\n", "EXEC\r\n", "GET a\r\nGET b\r\n", "SEL"]
        let answers = ["+OK\r\n", "$1\r\na\r\n", ":1\r\n:2\r\n", "$3\r\nab", "*2\r\n"]
        let facts: [Event.Fact] = [
            .opened(route: 0, client: "", server: ""), .finished(by: .client),
            .reset(by: .server), .gap(bytes: 3, reason: ""),
        ]
        let isChunk = dice.below(6) > 0
        let text = dice.pick(direction == .upstream ? requests : answers)
        let event = Event(
            at: Instant(nanoseconds: Int64(step)), connection: UInt32(1 + dice.below(4)),
            attempt: 1, direction: direction, isChunk ? .chunk : dice.pick(facts))
        return (event, isChunk ? Array(text.utf8) : [])
    }

    /// What was read can be asked about.
    private static func use(_ schedule: Schedule) {
        for strike in schedule.strikes.prefix(10) {
            let link = schedule.link(connection: strike.connection, strike.direction)
            _ = link.holdNanoseconds(message: strike.message, began: .start)
            _ = link.delayStrikes(at: strike.message)
        }
    }
}
