/// What a recording holds, in numbers: one pass, and memory for each connection.
package struct RecordingSummary: Sendable {
    /// More connections than this are only counted.
    package static let maximumConnections = 1 << 20

    /// In the order in which they were first seen.
    package internal(set) var connections: [Connection] = []
    /// Events of connections beyond `maximumConnections`.
    package internal(set) var furtherEvents: UInt64 = 0
    /// Attempts to connect that failed.
    package internal(set) var refusals: UInt64 = 0
    package internal(set) var strikes = Strikes()
    /// Of the session as a whole: stretches that are missing. Those of links are with the links.
    package internal(set) var gaps: UInt64 = 0
    package internal(set) var marks: UInt64 = 0
    package internal(set) var outputLines: UInt64 = 0
    package internal(set) var commands: UInt64 = 0
    /// Events by kind of damage, what is not known, the first and the last instant.
    package internal(set) var notes = ReadingNotes()

    package struct Strikes: Hashable, Sendable {
        package var applied: UInt64 = 0
        package var preempted: UInt64 = 0
        package var skipped: UInt64 = 0
    }

    package struct Connection: Hashable, Sendable {
        package var number: UInt32
        package var attempt: UInt16
        package var route: UInt16 = 0
        /// Empty where it was picked up in the middle, or never stood.
        package var client = ""
        package var server = ""
        package var opened: Instant?
        /// When both links had ended.
        package var ended: Instant?
        package var ending: Ending = .open
        package var upstream = Link()
        package var downstream = Link()
        /// It carried credentials.
        package var hasAuthentication = false

        package var gaps: UInt64 { upstream.gaps + downstream.gaps }
    }

    package struct Link: Hashable, Sendable {
        package var bytes: UInt64 = 0
        package var chunks: UInt64 = 0
        package var messages: UInt64 = 0
        /// Stretches that are missing, and their bytes as far as they are known.
        package var gaps: UInt64 = 0
        package var missingBytes: UInt64 = 0
        /// How often its receiver stopped reading.
        package var stalls: UInt64 = 0
        /// Why it is not read as messages from some point on.
        package var opaque: String?
        package var isEnded = false
    }

    /// How a connection ended, and by whom.
    package enum Ending: Hashable, Sendable, CustomStringConvertible {
        /// It had not ended when the recording did.
        case open
        case refused(Event.Refusal)
        /// In order; by whoever ended first.
        case finished(by: Party)
        case reset(by: Party)
        case failed(errno: Int32, by: Party)

        package var description: String {
            switch self {
            case .open: "open"
            case .refused(let reason): "refused (\(reason.name))"
            case .finished(let by): "finished by \(by.name)"
            case .reset(let by): "reset by \(by.name)"
            case .failed(let errno, let by): "failed at \(by.name) (error \(errno))"
            }
        }
    }

    /// Of all connections.
    package var bytes: PerDirection<UInt64> {
        connections.reduce(into: PerDirection(0)) { sum, connection in
            sum.upstream += connection.upstream.bytes
            sum.downstream += connection.downstream.bytes
        }
    }
}

extension RecordingSummary.Connection {
    package subscript(direction: Direction) -> RecordingSummary.Link {
        get { direction == .upstream ? upstream : downstream }
        _modify {
            if direction == .upstream { yield &upstream } else { yield &downstream }
        }
    }
}

extension Event.Refusal {
    /// The word for it in files and on the terminal.
    package var name: String {
        switch self {
        case .refused: "refused"
        case .timedOut: "timed out"
        case .unreachable: "unreachable"
        case .other: "other"
        }
    }
}

extension RecordingReader {
    /// Sums up the recording, or some of its connections.
    /// - Parameter framing: how bytes are read as messages (see `framing(_:)`).
    package mutating func summary(
        _ framing: FramingChoice, connections: Set<UInt32>? = nil
    ) throws(RecordingFileError) -> RecordingSummary {
        var builder = SummaryBuilder(framing: framing)
        let notes = try forEachEvent(connections: connections) { event, bytes, _ in
            builder.receive(event, bytes)
        }
        return builder.finish(notes)
    }
}
