import Testing

@testable import weir

@Suite struct LedgerTests {
    @Test(arguments: Ledger.Edition.allCases)
    func `a payment moves money from one account to another`(edition: Ledger.Edition) {
        let answers = play(
            ["PAY id=p1 from=alice to=bob amount=25", "BALANCE alice", "BALANCE bob"], edition)
        #expect(answers == ["PAID p1", "BALANCE alice -25", "BALANCE bob 25"])
    }

    @Test func `a payment that is delivered twice is paid twice by the naive edition only`() {
        let lines = [
            "PAY id=p1 from=alice to=bob amount=25", "PAY id=p1 from=alice to=bob amount=25",
        ]
        #expect(play(lines, .naive) == ["PAID p1", "PAID p1"])
        #expect(play(lines, .careful) == ["PAID p1", "PAID p1"])
        #expect(balances(after: lines, .naive) == ["alice": -50, "bob": 50])
        #expect(balances(after: lines, .careful) == ["alice": -25, "bob": 25])
    }

    @Test func `a statement that was overtaken replaces the newer one in the naive edition only`() {
        let lines = [
            "STATEMENT card=card-1 version=2 balance=340",
            "STATEMENT card=card-1 version=1 balance=300",
        ]
        #expect(play(lines, .naive) == play(lines, .careful))
        #expect(balances(after: lines, .naive) == ["card-1": 300])
        #expect(balances(after: lines, .careful) == ["card-1": 340])
    }

    @Test func `the strict edition refuses what it knows or what is older, and hangs up`() {
        var ledger = Ledger(edition: .strict)
        let pay = "PAY id=p1 from=alice to=bob amount=25"
        let statement = "STATEMENT card=card-1 version=2 balance=340"
        let overtaken = "STATEMENT card=card-1 version=1 balance=300"
        #expect(ledger.reply(to: pay) == Ledger.Reply(text: "PAID p1"))
        #expect(ledger.reply(to: statement) == Ledger.Reply(text: "NOTED card-1 2"))
        #expect(
            ledger.reply(to: pay) == Ledger.Reply(text: "ERROR p1 was paid already", isLast: true))
        #expect(
            ledger.reply(to: overtaken)
                == Ledger.Reply(text: "ERROR card-1 is at version 2", isLast: true))
        #expect(ledger.reply(to: "PAY") == Ledger.Reply(text: ledger.answer("PAY")))
        #expect(ledger.balances == ["alice": -25, "bob": 25, "card-1": 340])
    }

    @Test func `in order and once, all editions answer and write down the same`() {
        let lines = (1...5).flatMap {
            ProducerScript(seed: 7).requests(ofConnection: $0).map(\.line)
        }
        for edition in [Ledger.Edition.careful, .strict] {
            #expect(play(lines, .naive) == play(lines, edition))
            #expect(balances(after: lines, .naive) == balances(after: lines, edition))
        }
    }

    @Test func `a line that it cannot read changes nothing and is answered with the reason`() {
        let wrong = [
            ("", "the line is empty"),
            ("pay id=p1 from=a to=b amount=1", "a line begins with PAY, STATEMENT or BALANCE"),
            ("PAY id=p1 from=a to=b", "expected id= from= to= amount="),
            ("PAY id=p1 to=b from=a amount=1", "expected from="),
            ("PAY id=p1 from=a to=b amount=ten", "amount is no number"),
            ("PAY id=p1 from=a to=b amount=0", "amount is not above 0"),
            ("PAY id=p1 from=a to=b amount=99999999999999999999", "amount is no number"),
            ("PAY id=p1 from=a to=a amount=1", "from and to are the same account"),
            ("PAY id= from=a to=b amount=1", "a name is 1 to 32 of a-z, 0-9 and -"),
            ("PAY id=p1 from=A to=b amount=1", "a name is 1 to 32 of a-z, 0-9 and -"),
            ("STATEMENT card=c version=-1 balance=1", "version is no number"),
            ("BALANCE", "BALANCE takes one account"),
        ]
        for edition in Ledger.Edition.allCases {
            var ledger = Ledger(edition: edition)
            for (line, reason) in wrong { #expect(ledger.answer(line) == "ERROR \(reason)") }
            #expect(ledger.balances.isEmpty)
        }
    }

    @Test func `a balance beyond counting is refused, and nothing moves`() {
        let most = "PAY id=p1 from=a to=b amount=\(Int64.max)"
        let more = "PAY id=p2 from=a to=b amount=2"
        #expect(play([most, more], .careful).last == "ERROR the balance is beyond counting")
        #expect(balances(after: [most, more], .careful) == ["a": -Int64.max, "b": Int64.max])
    }

    @Test func `it opens no more accounts than it says`() {
        var ledger = Ledger(edition: .naive)
        for number in 1...Ledger.maximumAccounts {
            _ = ledger.answer("STATEMENT card=c\(number) version=1 balance=1")
        }
        #expect(
            ledger.answer("STATEMENT card=more version=1 balance=1")
                == "ERROR 10000 accounts are all it keeps")
        #expect(ledger.answer("STATEMENT card=c1 version=2 balance=5") == "NOTED c1 2")
    }

    @Test func `a request's line reads as the request again`() throws {
        for connection in 1...ProducerScript.connectionCount {
            for request in ProducerScript(seed: 7).requests(ofConnection: connection) {
                #expect(try LedgerRequest(line: request.line) == request)
            }
        }
    }
}

private func play(_ lines: [String], _ edition: Ledger.Edition) -> [String] {
    var ledger = Ledger(edition: edition)
    return lines.map { ledger.answer($0) }
}

private func balances(after lines: [String], _ edition: Ledger.Edition) -> [String: Int64] {
    var ledger = Ledger(edition: edition)
    for line in lines { _ = ledger.answer(line) }
    return ledger.balances
}
