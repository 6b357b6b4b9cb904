import Recordings
import Text

extension ScheduleFile {
    /// Holds the schedule to the recording that it is to be replayed with.
    ///
    /// What was edited by hand may ask for what is not there: that is an error with its line. A
    /// reorder whose pair is not in one flight is allowed, and labelled a violation from then on.
    /// - Parameters:
    ///   - identity: the recording's: `crc32c:1f0a…`.
    ///   - routes: the names of its routes, in their order.
    package mutating func check(
        against transcript: Transcript, identity: String, routes: [String] = []
    ) throws(DocumentError) {
        let made = schedule.header.recording
        guard made.isEmpty || identity.isEmpty || made == identity else {
            throw DocumentError(
                file: file, line: 1, path: "recording",
                message: "it was made for the recording \(EscapedText(made, limit: 60)), and this "
                    + "is \(identity); make it anew, or take \"recording\" out")
        }
        guard schedule.header.routes.isEmpty || schedule.header.routes == routes else {
            let names = routes.map { "\"\(EscapedText($0, limit: 60))\"" }
            throw DocumentError(
                file: file, line: 1, path: "routes",
                message: "the recording has other routes; write [\(names.joined(separator: ", "))]")
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
            let lengths = { (number: UInt32) -> UInt64? in
                connections[number].map { transcript.connections[$0].upstream.count }
            }
            if try isViolation(index, strike, transcript.connections[place], lengths) {
                strikes[index].label = .violation
            }
        }
        schedule = Schedule(schedule.header, conditions: schedule.conditions, strikes: strikes)
    }

    private func error(_ index: Int, _ path: String, _ message: String) -> DocumentError {
        DocumentError(file: file, line: lines[index], path: path, message: message)
    }

    private static func isRefusal(_ strike: Strike) -> Bool {
        guard case .end(let ending) = strike.effect else { return false }
        return ending.kind == .refuse
    }

    private func check(
        _ index: Int, overtaking message: UInt64, of other: UInt32,
        _ lengths: (UInt32) -> UInt64?
    ) throws(DocumentError) {
        guard let count = lengths(other), other != schedule.strikes[index].connection else {
            throw error(
                index, "settings.of_connection",
                "the recording has no other connection \(other); write one that it has")
        }
        guard (1...max(1, count)).contains(message), count > 0 else {
            throw error(
                index, "settings.with",
                "connection \(other) has \(count) messages upstream; write a number up to "
                    + "\(count)")
        }
    }

    private func isViolation(
        _ index: Int, _ strike: Strike, _ connection: TranscriptConnection,
        _ lengths: (UInt32) -> UInt64?
    ) throws(DocumentError) -> Bool {
        guard strike.direction == Scheduler.sends || strike.effect.strikesReceived else {
            throw error(
                index, "direction",
                "a replay to a server does not send \(strike.direction.name); write "
                    + Scheduler.sends.name)
        }
        // Where there are no messages, cells stand for them.
        let isByCells = schedule.header.framing == .none && schedule.header.units == .messages
        if Self.isRefusal(strike) { return false }
        let link = connection[strike.direction]
        let count = isByCells && link.count == 0 ? link.cells : link.count
        let place = "connection \(strike.connection) has \(count) messages \(strike.direction.name)"
        guard strike.lastMessage <= count else {
            throw error(
                index, strike.message > count ? "message" : "last_message",
                "\(place); write a number up to \(count)")
        }
        let length =
            link.count > 0
            ? link.message(strike.message).length : link.cellLength(strike.message)
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
        case .overtaken(let message, let other):
            try check(index, overtaking: message, of: other, lengths)
        case .delay, .duplicate, .drop, .end, .stall, .corrupt, .unresolved: break
        }
        return false
    }
}

extension TranscriptLink {
    /// Where there are no messages, cells stand for them: so many.
    package var cells: UInt64 {
        let size = LinkSchedule.cellBytes
        return bytes / size + (bytes % size > 0 ? 1 : 0)
    }

    /// - Parameter cell: from 1 to `cells`.
    package func cellLength(_ cell: UInt64) -> UInt64 {
        min(LinkSchedule.cellBytes, bytes - (cell - 1) * LinkSchedule.cellBytes)
    }
}
