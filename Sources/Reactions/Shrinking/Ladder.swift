/// Candidates in order, the smallest first: the first one that shows the symptom is kept.
package struct Ladder<Step: Sendable>: Sendable {
    private var steps: ArraySlice<Step>
    /// The step that showed it; nil so far.
    package private(set) var found: Step?

    package init(_ steps: [Step]) { self.steps = steps[...] }

    /// The step to ask about next; nil where one was found, or none is left.
    package func next() -> Step? { found == nil ? steps.first : nil }

    package mutating func receive(_ shows: Bool) {
        guard let step = steps.popFirst(), shows else { return }
        found = step
    }
}

/// The smallest number that still shows the symptom, where all larger ones do: found by halving.
package struct Bisection: Hashable, Sendable {
    /// The smallest one known to show it; at first the largest of all, which the caller vouches
    /// for.
    package private(set) var smallest: Int
    /// The smallest one that is not known to be without it.
    private var low: Int
    private var asked: Int?

    package init(_ range: ClosedRange<Int>) {
        low = range.lowerBound
        smallest = range.upperBound
    }

    /// The number to ask about next; nil once `smallest` is found.
    package mutating func next() -> Int? {
        guard low < smallest else { return nil }
        asked = low + (smallest - low) / 2
        return asked
    }

    package mutating func receive(_ shows: Bool) {
        guard let number = asked else { return }
        asked = nil
        if shows { smallest = number } else { low = number + 1 }
    }
}
