import Recordings

extension Fuzzer {
    /// Checks the framers with a promise that does not hold, and so must fail: if it does not,
    /// the fuzzers see nothing.
    static let canary = Fuzzer(
        name: "canary", summary: "must fail", smokeRounds: 0
    ) { dice throws(FuzzFailure) in
        let check = try FramerCheck(framing: "redis", &dice)
        // Once in a while a request is answered with an error, whatever this says.
        if check.sawErrorAnswer { throw FuzzFailure("an answer was an error") }
    }
}
