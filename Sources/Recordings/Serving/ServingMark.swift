/// What a replay as the server says in its own recording beside what travels: a mark whose label
/// is one of these. A request that came as the next of its recorded connection has none.
///
/// ```
/// accepted by=first-message after_ns=81000
/// request 5 unknown bytes=17
/// request 5 elsewhere connection=4 message=1
/// request 5 again connection=3 message=17 answer=kept times=2 since_ns=10400000
/// ```
package enum ServingMark: Hashable, Sendable {
    /// The connection, which was accepted so long before, plays the recorded one whose number the
    /// mark's event has.
    case accepted(by: Assignment, afterNanoseconds: Int64)
    case request(Request)

    /// How a connection found the recorded one that it plays.
    package enum Assignment: String, Hashable, Sendable, CaseIterable {
        /// By its first message.
        case firstMessage = "first-message"
        /// By the order of accepting.
        case order
        /// It plays none: its number lies behind the recording's.
        case none
    }

    /// A request that is not the next one of its recorded connection.
    package struct Request: Hashable, Sendable {
        /// From 1 on its attempt.
        package var number: UInt64
        package var match: Match

        package init(number: UInt64, match: Match) {
            self.number = number
            self.match = match
        }
    }

    package enum Match: Hashable, Sendable {
        /// The recording has no such message.
        case unknown(bytes: UInt64)
        /// The same message elsewhere in the recording, which nobody had sent yet.
        case elsewhere(connection: UInt32, message: UInt64)
        /// It was sent before.
        case again(Again)
    }

    /// A message that was sent before, by its place in the recording.
    package struct Again: Hashable, Sendable {
        package var connection: UInt32
        package var message: UInt64
        package var answer: Earlier
        /// The how-many-eth time it comes: 2 or more.
        package var times: UInt32
        /// Since it came the last time.
        package var sinceNanoseconds: Int64

        package init(
            connection: UInt32, message: UInt64, answer: Earlier, times: UInt32,
            sinceNanoseconds: Int64
        ) {
            self.connection = connection
            self.message = message
            self.answer = answer
            self.times = times
            self.sinceNanoseconds = sinceNanoseconds
        }
    }

    /// What had become of the answer to a message that comes again.
    package enum Earlier: String, Hashable, Sendable, CaseIterable {
        /// It had not been sent whole.
        case kept
        /// It had been sent: it is sent once more.
        case reused
    }

    package init?(label: String) {
        let words = label.split(separator: " ")
        var values: [Substring: Substring] = [:]
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        func number<Number: FixedWidthInteger>(_ key: Substring) -> Number? {
            values[key].flatMap { Number($0) }
        }
        if words.first == "accepted",
            let by = values["by"].flatMap({ Assignment(rawValue: "\($0)") }),
            let after: Int64 = number("after_ns")
        {
            self = .accepted(by: by, afterNanoseconds: after)
            return
        }
        guard words.count >= 4, words[0] == "request", let request = UInt64(words[1]) else {
            return nil
        }
        let match: Match
        switch words[2] {
        case "unknown":
            guard let bytes: UInt64 = number("bytes") else { return nil }
            match = .unknown(bytes: bytes)
        case "elsewhere":
            guard let connection: UInt32 = number("connection"),
                let message: UInt64 = number("message")
            else { return nil }
            match = .elsewhere(connection: connection, message: message)
        case "again":
            guard let connection: UInt32 = number("connection"),
                let message: UInt64 = number("message"), let times: UInt32 = number("times"),
                let since: Int64 = number("since_ns"),
                let answer = values["answer"].flatMap({ Earlier(rawValue: "\($0)") })
            else { return nil }
            match = .again(
                Again(
                    connection: connection, message: message, answer: answer, times: times,
                    sinceNanoseconds: since))
        default: return nil
        }
        self = .request(Request(number: request, match: match))
    }

    /// As it stands in a mark.
    package var label: String {
        switch self {
        case .accepted(let by, let after): return "accepted by=\(by.rawValue) after_ns=\(after)"
        case .request(let request):
            let start = "request \(request.number) "
            switch request.match {
            case .unknown(let bytes): return start + "unknown bytes=\(bytes)"
            case .elsewhere(let connection, let message):
                return start + "elsewhere connection=\(connection) message=\(message)"
            case .again(let again):
                return start + "again connection=\(again.connection) message=\(again.message) "
                    + "answer=\(again.answer.rawValue) times=\(again.times) "
                    + "since_ns=\(again.sinceNanoseconds)"
            }
        }
    }
}
