import Faults
import Testing

@testable import weir

@Suite struct ConsequenceTests {
    private let script = ProducerScript(seed: 7)

    /// The first message of connection 2 for which the predicate holds, with its request.
    private func message(
        where predicate: (LedgerRequest) -> Bool
    ) throws -> (number: UInt64, request: LedgerRequest) {
        let requests = script.requests(ofConnection: 2)
        let place = requests.firstIndex(where: predicate)
        let index = try #require(place)
        return (UInt64(index) + 1, requests[index])
    }

    @Test func `a payment delivered twice moves its money once more`() throws {
        let (number, request) = try message { if case .pay = $0 { true } else { false } }
        guard case .pay(_, let from, let to, let amount) = request else { return }
        let consequence = Consequence(
            of: strike(number, .duplicate(copies: 1, afterNanoseconds: 0)), in: script)
        #expect(consequence.shifts == [from: -amount, to: amount])
        #expect(consequence.story == "delivered twice: \(request.line)")
    }

    @Test func `a card's last statement overtaken leaves the one before`() throws {
        let (number, request) = try message {
            if case .statement(_, 3, _) = $0 { true } else { false }
        }
        let last = script.requests(ofConnection: 2)[Int(number)]
        guard case .statement(let card, _, let pending) = request,
            case .statement(_, 4, let settled) = last
        else {
            Issue.record("version 4 does not follow version 3")
            return
        }
        let consequence = Consequence(
            of: strike(number, .reorder(with: number + 1...number + 1)), in: script)
        #expect(consequence.shifts == [card: pending - settled])
    }

    @Test func `a statement that a later one replaces does no harm, whatever its order`() throws {
        let (number, _) = try message {
            if case .statement(_, 1, _) = $0 { true } else { false }
        }
        let reorder = strike(number, .reorder(with: number + 1...number + 1))
        #expect(Consequence(of: reorder, in: script).shifts.isEmpty)
    }

    @Test func `a cut delivers again what is resent, and not the line that it cut`() throws {
        let requests = script.requests(ofConnection: 2)
        let payments = requests.indices.filter {
            if case .pay = requests[$0] { true } else { false }
        }
        let first = try #require(
            zip(payments, payments.dropFirst()).first { $0.1 == $0.0 + 1 }?.0)
        guard case .pay(_, let from, let to, let amount) = requests[first] else { return }
        let (before, struck) = (UInt64(first) + 1, UInt64(first) + 2)

        let inside = strike(
            struck, .disconnect(Cut(sentBytes: 5, resend: [before...struck])))
        #expect(Consequence(of: inside, in: script).shifts == [from: -amount, to: amount])

        let length = UInt64(requests[first + 1].line.utf8.count) + 1
        let after = strike(struck, .disconnect(Cut(sentBytes: length, resend: [struck...struck])))
        guard case .pay(_, let payer, let payee, let sum) = requests[first + 1] else { return }
        #expect(Consequence(of: after, in: script).shifts == [payer: -sum, payee: sum])
    }

    @Test func `a schedule that names messages which are not there does no harm`() {
        let beyond = strike(100_000, .reorder(with: 100_001...UInt64.max))
        #expect(Consequence(of: beyond, in: script).shifts.isEmpty)
        let nowhere = Strike(
            id: "x", rule: "x", connection: 99, direction: .upstream, message: 1, effect: .drop)
        #expect(Consequence(of: nowhere, in: script).shifts.isEmpty)
    }

    @Test func `balances are compared by account, people first`() {
        let expected: [String: Int64] = ["bob": 5, "alice": 1, "card-10": 7, "card-9": 3, "x": 0]
        let actual: [String: Int64] = ["bob": 5, "alice": 2, "card-10": 9, "card-9": 1]
        let comparison = BalanceComparison(expected: expected, actual: actual)
        #expect(comparison.accounts == 5)
        #expect(comparison.wrong.map(\.account) == ["alice", "x", "card-9", "card-10"])
        #expect(comparison.wrong.map(\.difference) == [1, 0, -2, 2])
    }

    private func strike(_ message: UInt64, _ effect: StrikeEffect) -> Strike {
        Strike(
            id: "test@2u\(message)", rule: "test", connection: 2, direction: .upstream,
            message: message, effect: effect)
    }
}
