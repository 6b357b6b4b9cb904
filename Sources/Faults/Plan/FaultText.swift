import Text

/// Rules as the command line has them: `--fault 'duplicate chance=1% messages=10-'`, and short
/// forms.
package enum FaultText {
    /// An option that stands for one rule.
    package struct ShortForm: Sendable {
        /// Without the dashes.
        package let option: String
        /// What it takes, in the help's capitals.
        package let placeholder: String
        /// The rule that it stands for, for the help.
        package let meaning: String
        let make: @Sendable (String) throws(SettingProblem) -> Rule
    }

    /// In the order of the help.
    package static let shortForms = [
        ShortForm(
            option: "latency", placeholder: "DURATION", meaning: "hold every message so long",
            make: { (text) throws(SettingProblem) in try latency(try quantity(text), .zero) }),
        ShortForm(
            option: "jitter", placeholder: "DURATION",
            meaning: "hold every message for 0 to so long",
            make: { (text) throws(SettingProblem) in
                // A name of its own, so that its rolls are the same with and without --latency.
                let half = TimeAmount(
                    nanoseconds: (try quantity(text) as TimeAmount).nanoseconds / 2)
                var rule = try latency(half, half)
                rule.name = "jitter"
                return rule
            }),
        ShortForm(
            option: "bandwidth", placeholder: "RATE", meaning: "send at most so much a second",
            make: { (text) throws(SettingProblem) in
                let setting = Bandwidth.settings.first { $0.key == "rate" }
                var bandwidth = Bandwidth()
                try setting?.read(text, &bandwidth)
                return Rule(bandwidth)
            }),
        chance("reorder", Reorder(), "let so many messages change places with the next"),
        chance("duplicate", Duplicate(), "send so many messages again"),
        chance("drop", Drop(), "do not send so many messages"),
        chance("disconnect", Disconnect(), "cut the connection at so many messages"),
    ]

    /// The rule of a short form.
    /// - Parameter option: one of `shortForms`, without the dashes.
    package static func rule(
        short form: ShortForm, _ text: String
    ) throws(FaultTextError) -> Rule {
        do throws(SettingProblem) {
            return try form.make(text)
        } catch {
            throw FaultTextError(message: error.message)
        }
    }

    /// The rule of `--fault`: a fault's name, then `key=value` words. A value with spaces stands in
    /// quotes, single or double.
    package static func rule(_ text: String) throws(FaultTextError) -> Rule {
        func error(_ path: String, _ message: String) -> FaultTextError {
            FaultTextError(path: path, message: message)
        }
        guard text.utf8.count <= longestText else {
            throw error("", "it has more than \(longestText) bytes; write a plan file")
        }
        guard var words = words(text)?[...] else {
            throw error("", "a quote is not closed; close it")
        }
        guard let fault = words.popFirst() else {
            throw error("", "no fault is named; write one of \(Rule.faultNames)")
        }
        let name = "\(EscapedText(fault, limit: 40))"
        var entries = [RuleEntry("fault", fault, isNumber: nil)]
        for word in words {
            guard let equals = word.firstIndex(of: "="), equals != word.startIndex else {
                let shown = EscapedText(word, limit: 60)
                throw error(name, "\"\(shown)\" is not key=value; write it like \"chance=1%\"")
            }
            let key = String(word[..<equals])
            guard key != "fault", !entries.contains(where: { $0.key == key }) else {
                throw error(
                    "\(name): \(EscapedText(key, limit: 40))", "this is said twice; write it once")
            }
            entries.append(
                RuleEntry(key, String(word[word.index(after: equals)...]), isNumber: nil))
        }
        do throws(RuleProblem) {
            return try Rule(reading: entries)
        } catch let problem {
            // The fault's name stands first and has no key.
            guard problem.key != "fault" else { throw error("", problem.message) }
            let path = problem.key.map { "\(name): \(EscapedText($0, limit: 40))" } ?? name
            throw error(path, problem.message)
        }
    }

    /// `rule` as `--fault` reads it.
    package static func text(_ rule: Rule) -> String {
        let blank = Rule.defaults(like: rule)
        var text = rule.faultName
        for entry in rule.entries where entry.key != "fault" {
            guard !blank.contains(entry) || Rule.requires(entry.key, rule.fault) else { continue }
            let needsQuotes = entry.value.contains { " '\"\t".contains($0) }
            // Inside of double quotes only the quote itself is special; values escape it.
            text += " \(entry.key)=" + (needsQuotes ? "\"\(entry.value)\"" : entry.value)
        }
        return text
    }

    private static let longestText = 4_096

    private static func latency(
        _ latency: TimeAmount, _ jitter: TimeAmount
    ) throws(SettingProblem) -> Rule {
        guard latency <= longestHold else {
            throw SettingProblem(
                message: "\"\(latency)\" is too much; write at most \"\(longestHold)\"")
        }
        return Rule(
            Latency(
                latencyNanoseconds: latency.nanoseconds, jitterNanoseconds: jitter.nanoseconds))
    }

    private static func chance(
        _ option: String, _ fault: any Fault, _ meaning: String
    ) -> ShortForm {
        ShortForm(
            option: option, placeholder: "CHANCE", meaning: meaning,
            make: { (text) throws(SettingProblem) in
                var target = Target()
                target.chance = try quantity(text)
                return Rule(fault, target: target)
            })
    }

    /// Splits at spaces outside of quotes; nil where a quote is not closed.
    private static func words(_ text: String) -> [String]? {
        var words: [String] = []
        var word = ""
        var isWord = false
        var quote: Character?
        var isEscaped = false
        for character in text {
            if let open = quote {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == open {
                    quote = nil
                    continue
                }
                word.append(character)
            } else if character == "'" || character == "\"" {
                quote = character
                isWord = true
            } else if character == " " || character == "\t" || character == "\n" {
                if isWord { words.append(word) }
                (word, isWord) = ("", false)
            } else {
                word.append(character)
                isWord = true
            }
        }
        guard quote == nil else { return nil }
        if isWord { words.append(word) }
        return words
    }
}

/// What is wrong with a rule on the command line; the option's name is put before it there.
package struct FaultTextError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `duplicate: chance`; empty for a short form's value.
    package var path: String
    package var message: String

    package init(path: String = "", message: String) {
        self.path = path
        self.message = message
    }

    package var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

extension Rule {
    /// Whether a fault has no default for this setting.
    fileprivate static func requires<Kind: Fault>(_ key: String, _ fault: Kind) -> Bool {
        Kind.settings.contains { $0.key == key && $0.isRequired }
    }

    /// What a rule of the same fault says when nothing is set.
    fileprivate static func defaults(like rule: Rule) -> [RuleEntry] {
        func blank<Kind: Fault>(_ fault: Kind) -> [RuleEntry] { Rule(Kind()).entries }
        return blank(rule.fault)
    }
}
