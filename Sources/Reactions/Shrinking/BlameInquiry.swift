/// Proves which strike stands behind a symptom, by asking for runs with it alone and without it.
///
/// ```
///              shows every time              never shows
/// one alone ─────────────────► all but it ───────────────► settled
///   │ none of the likely ones      │ others show it too
///   ▼                              ▼
/// the whole ─► fewer and fewer ─► those alone ─► all but those, or all but one of those
/// ```
/// Where a symptom shows without the strike too, others make it as well: then the strike is held
/// against what is left of a smallest part without it, and the notes say so.
///
/// Causes are strikes and conditions, 0 to n − 1, the likeliest first.
package struct BlameInquiry: Sendable {
    /// Each count rests on so many runs.
    package static let repeats = 3
    /// So many of the likeliest causes are tried alone.
    package static let mostAlone = 4
    /// So many runs are spent on making the whole smaller.
    package static let mostReducing = 48

    private let causes: [String]
    private let suspects: Int
    private var state: State
    private var with = Blame.Count(0, of: 0)
    private var without = Blame.Count(0, of: 0)
    private var reductionRuns = 0
    private var notes: [String] = []
    /// What it came to; nil so far.
    package private(set) var blame: Blame?

    private enum State: Sendable {
        /// Cause number so and so alone.
        case alone(Int)
        /// All of them: does it show again at all?
        case whole
        case reducing(DeltaDebugging)
        /// These alone.
        case with([Int])
        /// All but these.
        case without([Int])
        /// These, each time but one.
        case lacking([Int])
    }

    /// - Parameters:
    ///   - causes: the ids of all that the schedule has planned, those that may stand behind the
    ///     symptom first.
    ///   - suspects: how many of them may stand behind it.
    package init(causes: [String], suspects: Int) {
        self.causes = causes
        self.suspects = min(suspects, causes.count)
        state = suspects > 0 ? .alone(0) : .whole
        if causes.isEmpty {
            end([], ["nothing was planned that could stand behind it"])
        }
    }

    /// The causes that stay in the next run, rising; nil once it has come to something.
    package mutating func next() -> [Int]? {
        while blame == nil {
            switch state {
            case .alone(let cause): return [cause]
            case .whole: return Array(causes.indices)
            case .with(let part): return part
            case .without(let part): return causes.indices.filter { !part.contains($0) }
            case .lacking(let part):
                var rest = part
                rest.remove(at: without.runs % part.count)
                return rest
            case .reducing(var reduction):
                if reductionRuns < Self.mostReducing, let part = reduction.next() {
                    state = .reducing(reduction)
                    return part
                }
                endReduction(reduction.smallest)
            }
        }
        return nil
    }

    /// Takes whether the run that was asked for showed the symptom.
    package mutating func receive(_ shown: Bool) {
        guard blame == nil else { return }
        switch state {
        case .alone(let cause):
            with.add(shown)
            if with.shown == 0 {
                with = Blame.Count(0, of: 0)
                let isLast = cause + 1 >= min(suspects, Self.mostAlone)
                state = isLast ? .whole : .alone(cause + 1)
            } else if with.runs == Self.repeats {
                state = .without([cause])
            }
        case .whole: receiveWhole(shown)
        case .reducing(var reduction):
            reductionRuns += 1
            reduction.receive(shown)
            state = .reducing(reduction)
        case .with(let part):
            with.add(shown)
            guard with.runs == Self.repeats else { return }
            if with.shown == 0 {
                end(part, ["it did not show again with \(Self.these(part)) alone"])
            } else {
                state = .without(part)
            }
        case .without(let part): receiveWithout(shown, part)
        case .lacking(let part):
            without.add(shown)
            if without.runs == max(Self.repeats, part.count) || shown { end(part) }
        }
    }

    /// Ends it before it came to something: the run that was asked for cannot be made. What was
    /// begun and not brought to its end proves nothing.
    package mutating func end(because reason: String) {
        guard blame == nil else { return }
        without = Blame.Count(0, of: 0)
        let part: [Int] =
            switch state {
            case .alone(let cause): with.runs > 0 ? [cause] : []
            case .whole, .reducing: []
            case .with(let part), .without(let part), .lacking(let part): part
            }
        end(part, ["\(Self.notSettled): \(reason)"])
    }

    // MARK: - Steps

    private mutating func receiveWhole(_ shown: Bool) {
        with.add(shown)
        if shown {
            with = Blame.Count(0, of: 0)
            let reduction = DeltaDebugging(count: causes.count, prefixes: [suspects])
            state = .reducing(reduction)
        } else if with.runs == Self.repeats {
            end([], ["it did not show again in \(with.runs) runs of the whole schedule"])
        }
    }

    private mutating func endReduction(_ smallest: [Int]) {
        guard smallest.count <= Symptom.maximumSuspects else {
            end(
                [],
                [
                    "\(smallest.count) of \(causes.count) were left after \(reductionRuns) runs; "
                        + "weir shrink goes on"
                ])
            return
        }
        state = .with(smallest)
    }

    private mutating func receiveWithout(_ shown: Bool, _ part: [Int]) {
        without.add(shown)
        if shown, part.count < causes.count {
            notes.append(
                "it also shows without \(Self.these(part)), while the other "
                    + "\(causes.count - part.count) stay: others make it too, so it was held "
                    + (part.count == 1
                        ? "against none at all" : "against these alone, each time without one"))
            without = Blame.Count(0, of: 0)
            state = .lacking(part)
        } else if without.runs == Self.repeats || shown {
            end(part)
        }
    }

    private mutating func end(_ part: [Int], _ more: [String] = []) {
        notes += more
        var blame = Blame(
            strikes: part.map { causes[$0] }, with: with, without: without, notes: notes)
        if !blame.isSettled, !notes.contains(where: { $0.hasPrefix(Self.notSettled) }) {
            blame.notes.append(Self.notSettled)
        }
        self.blame = blame
    }

    private static let notSettled = "not settled"

    private static func these(_ part: [Int]) -> String { part.count == 1 ? "it" : "these" }
}

extension Blame.Count {
    fileprivate mutating func add(_ isShown: Bool) {
        runs += 1
        if isShown { shown += 1 }
    }
}
