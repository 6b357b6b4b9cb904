import Recordings
import Text

extension ScheduleFile {
    /// Holds the schedule to the recording that it is to be replayed with.
    ///
    /// What was edited by hand may ask for what is not there: that is an error with its line. A
    /// reorder whose pair is not in one flight is allowed, and labelled a violation from then on.
    /// - Parameter identity: the recording's: `crc32c:1f0a…`.
    package mutating func check(
        against transcript: Transcript, identity: String
    ) throws(DocumentError) {
        let made = schedule.header.recording
        guard made.isEmpty || identity.isEmpty || made == identity else {
            throw DocumentError(
                file: file, line: 1, path: "recording",
                message: "it was made for the recording \(EscapedText(made, limit: 60)), and this "
                    + "is \(identity); make it anew, or take \"recording\" out")
        }
        var connections: [UInt32: Int] = [:]
        for (index, connection) in transcript.connections.enumerated()
        where connections[connection.number] == nil {
            connections[connection.number] = index
        }
        var strikes = schedule.strikes
        for index in strikes.indices where strikes[index].isPlanned {
            let strike = strikes[index]
            guard let place = connections[strike.connection] else {
                throw error(
                    index, "connection",
                    "the recording has no connection \(strike.connection); write one that it has")
            }
            if try isViolation(index, strike, transcript.connections[place]) {
                strikes[index].label = .violation
            }
        }
        schedule = Schedule(schedule.header, conditions: schedule.conditions, strikes: strikes)
    }

    private func error(_ index: Int, _ path: String, _ message: String) -> DocumentError {
        DocumentError(file: file, line: lines[index], path: path, message: message)
    }

    private func isViolation(
        _ index: Int, _ strike: Strike, _ connection: TranscriptConnection
    ) throws(DocumentError) -> Bool {
        guard strike.direction == Scheduler.sends else {
            throw error(
                index, "direction",
                "a replay to a server does not send \(strike.direction.name); write "
                    + Scheduler.sends.name)
        }
        let count = connection[strike.direction].count
        let place = "connection \(strike.connection) has \(count) messages \(strike.direction.name)"
        guard strike.lastMessage <= count else {
            throw error(
                index, strike.message > count ? "message" : "last_message",
                "\(place); write a number up to \(count)")
        }
        let length = connection[strike.direction].message(strike.message).length
        if strike.effect.neededBytes > length {
            if case .corrupt = strike.effect {
                throw error(
                    index, "settings.bits",
                    "the message has \(length) bytes; write numbers below \(length * 8)")
            }
            throw error(
                index, "settings.sent",
                "the message has \(length) bytes; write a number up to \(length)")
        }
        switch strike.effect {
        case .reorder(let with):
            guard with.lowerBound > strike.lastMessage, with.upperBound <= count else {
                throw error(
                    index, "settings.with",
                    "\(place); write one from \(strike.lastMessage + 1) to \(count)")
            }
            let flight = connection.exchange(strike.message).flight
            return connection.exchange(with.upperBound).flight != flight
        case .disconnect(let cut):
            guard cut.resend.last?.upperBound ?? 0 <= strike.message else {
                throw error(
                    index, "settings.resend",
                    "what is sent again stands up to message \(strike.message); write no later one")
            }
        case .delay, .duplicate, .drop, .end, .stall, .corrupt, .unresolved: break
        }
        return false
    }
}
