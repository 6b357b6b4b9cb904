import Reactions
import Recordings

extension Fuzzer {
    static let ignored = Fuzzer(
        name: "ignored",
        summary: "any --ignore over any answer: ranges inside of it, apart, the same each time",
        smokeRounds: 10_000
    ) { dice throws(FuzzFailure) in
        let field: IgnoredField
        let text = ignoredText(&dice)
        do throws(IgnoredFieldError) {
            field = try IgnoredField(parsing: text)
        } catch {
            guard !error.message.isEmpty else { throw FuzzFailure("an error says nothing") }
            return
        }
        guard let again = try? IgnoredField(parsing: field.description), again == field else {
            throw FuzzFailure("\(field) is read back as something else")
        }
        let settings = JudgeSettings(framing: .none, hasReset: true, ignored: [field])
        let bytes = answerText(&dice)
        let ranges = settings.ignoredRanges(in: bytes.span)
        var end = 0
        for range in ranges {
            guard range.lowerBound >= end, !range.isEmpty, range.upperBound <= bytes.count else {
                throw FuzzFailure("\(field): \(range) in \(bytes.count) bytes, behind \(end)")
            }
            end = range.upperBound
        }
        guard settings.ignoredRanges(in: bytes.span) == ranges else {
            throw FuzzFailure("\(field) finds something else the second time")
        }
    }

    static let expectations = Fuzzer(
        name: "expectations",
        summary: "any text: an expectation that is written and read back as it was, or an error",
        smokeRounds: 10_000
    ) { dice throws(FuzzFailure) in
        let pieces = [
            "no", "failure", "silent", "symptom", "answers", "probes", "baseline", "p99", "max",
            "of", "GET", "errors", "retries", "delayed", "recovers", "reconnects", "within", "<",
            "<=", ">", ">=", "=", "<>", "5s", "200ms", "3", "-1", "99999999999999999999", "é",
            "\u{0}", "\u{1b}[2J", "crashed", "up-but-wrong",
        ]
        let spaces = [" ", " ", "", "\t", "  "]
        let text = (0..<dice.below(7)).map { _ in dice.pick(pieces) + dice.pick(spaces) }.joined()
        let expectation: Expectation
        do throws(ExpectationError) {
            expectation = try Expectation(parsing: text)
        } catch {
            guard error.message.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
                throw FuzzFailure("an error shows a control character: \(error.message)")
            }
            return
        }
        guard (try? Expectation(parsing: expectation.description)) == expectation else {
            throw FuzzFailure("\(expectation) is read back as something else")
        }
        // It can be asked of a run that shows nothing.
        let run = Expectation.Run(
            seed: 1, judgement: Judgement(.inconclusive), measures: Measures())
        guard expectation.result(of: [run]).text == text else {
            throw FuzzFailure("a result names another expectation")
        }
    }

    private static func ignoredText(_ dice: inout FuzzDice) -> String {
        let pieces = [
            "$", ".", "a", "id", "[", "]", "*", "0", "12", "\"x y\"", "'k'", "[*]", "[0]", ".id",
            "\\d+", "(?i)id", "é", "..", "|", "w=\\w*", "{2}", "\u{0}",
        ]
        let prefix = dice.isOne(in: 2) ? "$" : ""
        return prefix + (0..<dice.below(7)).map { _ in dice.pick(pieces) }.joined()
    }

    private static func answerText(_ dice: inout FuzzDice) -> [UInt8] {
        let pieces = [
            "{", "}", "[", "]", "\"id\":", "\"a\":", "\"x y\":", "1", "-2.5e3", "\"s\\\"\"", ",",
            " ", "\r\n", "true", "null", "\\", "\"", "é", "id=", "12",
        ]
        var bytes: [UInt8] = []
        for _ in 0..<dice.below(40) {
            if dice.isOne(in: 10) {
                bytes.append(dice.byte())
            } else {
                bytes += dice.pick(pieces).utf8
            }
        }
        return bytes
    }
}
