import Testing

@testable import Recordings

/// What a replay as the server writes into its recording can be read again.
struct ServingMarkTests {
    private static let marks: [ServingMark] =
        ServingMark.Assignment.allCases.map { .accepted(by: $0, afterNanoseconds: 81) }
        + [
            .request(.init(number: 5, match: .unknown(bytes: 17))),
            .request(.init(number: .max, match: .elsewhere(connection: .max, message: 1))),
        ]
        + ServingMark.Earlier.allCases.map { answer in
            .request(
                .init(
                    number: 1,
                    match: .again(
                        .init(
                            connection: 3, message: 17, answer: answer, times: 2,
                            sinceNanoseconds: 10_400_000))))
        }

    @Test func `each reads its own label`() {
        for mark in Self.marks { #expect(ServingMark(label: mark.label) == mark, "\(mark.label)") }
    }

    @Test(arguments: [
        "", "uncoupled", "accepted", "accepted by=luck after_ns=1", "accepted by=order after_ns=",
        "request", "request 5", "request x unknown bytes=1", "request 5 unknown bytes=-1",
        "request 5 again connection=1 message=1 answer=kept times=2",
        "request 5 elsewhere connection=99999999999 message=1",
    ])
    func `another label is none of them`(label: String) {
        #expect(ServingMark(label: label) == nil)
    }
}
