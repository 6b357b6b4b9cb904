import Recordings

/// The answers of a run whose service time is above the limit of their kind.
struct LateAnswers: Sendable {
    /// Where an answer was late: what is late again in another run is late at the same one.
    struct Place: Hashable, Sendable {
        var connection: UInt32
        var message: UInt64

        init(_ answer: ObservedAnswer) {
            connection = answer.connection
            message = answer.message
        }
    }

    /// As places among the run's answers, rising.
    private(set) var answers: [Int] = []
    /// Answers of kinds with too few clean samples to say what is late, by kind.
    private(set) var tooFew: [String: UInt64] = [:]

    /// None where a fault made Weir itself read slowly.
    init(_ run: Observation, _ baseline: Baseline) {
        guard !run.isReadSlowly else { return }
        let limits = run.kinds.map { baseline.limits[$0] }
        for (index, answer) in run.answers.enumerated()
        where answer.service >= 0 && answer.state != .missing {
            guard let limit = limits[Int(answer.kind)] else { continue }
            guard let longest = limit.limitNanoseconds else {
                tooFew[run.kinds[Int(answer.kind)], default: 0] += 1
                continue
            }
            if answer.service > longest { answers.append(index) }
        }
    }

    /// The places of the first so many; of the first so many of these with the strike or condition
    /// that is the likeliest behind them.
    func places(in run: Observation, atMost limit: Int, causes: Int) -> [Place: String?] {
        var places: [Place: String?] = [:]
        guard !answers.isEmpty else { return places }
        let suspects = Suspects(run)
        for (number, index) in answers.prefix(limit).enumerated() {
            let answer = run.answers[index]
            guard places[Place(answer)] == nil else { continue }
            var likeliest: String?
            if number < causes {
                likeliest =
                    suspects.before(
                        answer.instant,
                        at: .answer(
                            connection: answer.connection, attempt: answer.attempt,
                            message: answer.message)
                    ).first
            }
            places.updateValue(likeliest, forKey: Place(answer))
        }
        return places
    }
}
