import Text

/// Strikes in bursts, as netem's `gemodel` (Gilbert 1960, Elliott 1963): a link is in a good or a
/// bad state, and each state has its chance. Like there, a message is judged by the state before it
/// changes; every link begins in the good one.
package struct GilbertElliott: Hashable, Sendable, CustomStringConvertible {
    /// From good to bad, and back, at each message.
    package var toBad: Chance
    package var toGood: Chance
    /// The chance of a strike in the bad state, and in the good one.
    package var inBad = Chance.always
    package var inGood = Chance.never

    static let form = "gemodel(p,r,1-h,1-k)"

    init(reading text: String) throws(SettingProblem) {
        let parts = text.dropFirst(8).dropLast().split(
            separator: ",", omittingEmptySubsequences: false)
        guard text.hasPrefix("gemodel("), text.hasSuffix(")"), 2...4 ~= parts.count else {
            throw SettingProblem(
                message: "\"\(EscapedText(text, limit: 60))\" is not known here; write it like "
                    + "\"gemodel(1%,30%)\": to the bad state, back, strikes in bad, in good")
        }
        var chances: [Chance] = []
        for part in parts { chances.append(try quantity(String(part))) }
        toBad = chances[0]
        toGood = chances[1]
        if chances.count > 2 { inBad = chances[2] }
        if chances.count > 3 { inGood = chances[3] }
    }

    package var description: String { "gemodel(\(toBad),\(toGood),\(inBad),\(inGood))" }
}
