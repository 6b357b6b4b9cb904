import Faults
import Reactions
import Recordings
import Text

/// All that is told of one replay once it is over: the summary on the terminal and `summary.json`
/// are made of this value alone.
package struct ReplayReport: Sendable {
    /// Which replay it was.
    package var run: Run
    /// What Weir sent.
    package var sent: Sent
    /// As the server: what was asked for.
    package var served: Served
    /// The rules that struck, and those that held bytes.
    package var rules: [OutcomeLedger.RuleCounts]
    package var conditions: [Condition]
    package var reactions: ReactionSummary
    package var delays: Delays
    /// What the user should know besides: the recording has holes, say.
    package var notes: [String]

    package init(
        run: Run, sent: Sent = Sent(), served: Served = Served(),
        rules: [OutcomeLedger.RuleCounts] = [],
        conditions: [Condition] = [], reactions: ReactionSummary = ReactionSummary(),
        delays: Delays = Delays(), notes: [String] = []
    ) {
        self.run = run
        self.sent = sent
        self.served = served
        self.rules = rules
        self.conditions = conditions
        self.reactions = reactions
        self.delays = delays
        self.notes = notes
    }

    /// Which replay it was, and how to repeat it.
    package struct Run: Sendable {
        /// The recording's path, as it was given, and what it is known by.
        package var recording: String
        package var identity: String
        package var framing: FramingChoice
        package var seed: UInt64
        package var consumer: String
        package var pacing: String
        package var speed: String
        /// Where all of it is kept, and the command line that does it again.
        package var folder: String
        package var repeating: String
        package var ending: Ending
        package var nanoseconds: Int64
        package var role: Role

        package init(
            recording: String, identity: String, framing: FramingChoice, seed: UInt64,
            consumer: String, pacing: String, speed: String, folder: String, repeating: String,
            ending: Ending, nanoseconds: Int64, role: Role = .client
        ) {
            self.recording = recording
            self.identity = identity
            self.framing = framing
            self.seed = seed
            self.consumer = consumer
            self.pacing = pacing
            self.speed = speed
            self.folder = folder
            self.repeating = repeating
            self.ending = ending
            self.nanoseconds = nanoseconds
            self.role = role
        }
    }

    /// Which of the recorded peers Weir played.
    package enum Role: String, Sendable {
        case client, server
    }

    /// What a consumer that dialled asked for, and what was answered.
    package struct Served: Hashable, Sendable {
        package var requests: UInt64
        /// Those that came as recorded on their connection.
        package var expected: UInt64
        package var answered: UInt64
        package var pushes: UInt64
        /// Recorded connections that somebody dialled for.
        package var connectionsPlayed: UInt64

        package init(
            requests: UInt64 = 0, expected: UInt64 = 0, answered: UInt64 = 0, pushes: UInt64 = 0,
            connectionsPlayed: UInt64 = 0
        ) {
            self.requests = requests
            self.expected = expected
            self.answered = answered
            self.pushes = pushes
            self.connectionsPlayed = connectionsPlayed
        }
    }

    /// How it ended.
    package enum Ending: String, Sendable {
        case completed
        /// Before its end: Ctrl-C, or what was to be written could not be.
        case interrupted
        /// The recording could not be read any more.
        case unreadable
    }

    /// What Weir sent, and what was left out.
    package struct Sent: Hashable, Sendable {
        package var connections: UInt64 = 0
        package var unopened: UInt64 = 0
        package var reconnects: UInt64 = 0
        package var endedByConsumer: UInt64 = 0
        package var uncoupled: UInt64 = 0
        package var missingEnds: UInt64 = 0
        /// Strikes that ended a connection though answers had not come by then that the recording
        /// had.
        package var endsInVain: UInt64 = 0
        /// Connections that were not played, and why.
        package var partial: UInt64 = 0
        package var notAskedFor: UInt64 = 0
        package var reattempted: UInt64 = 0
        package var refusedInRecording: UInt64 = 0
        /// Messages to send; originals, copies and repeats that were sent whole; originals that
        /// were not.
        package var messages: UInt64 = 0
        package var originals: UInt64 = 0
        package var copies: UInt64 = 0
        package var resent: UInt64 = 0
        package var unsent: UInt64 = 0
        package var bytes: UInt64 = 0
        package var bytesReceived: UInt64 = 0
        /// The first connections whose answers came too late to wait for.
        package var uncoupledConnections: [UInt32] = []

        package init() {}
    }

    /// How late sends were, and how long messages were held: asked for and achieved.
    package struct Delays: Sendable {
        package var lateness = DurationHistogram()
        package var drawn = DurationHistogram()
        package var applied = DurationHistogram()

        package init() {}
    }

    /// Strikes of the schedule that should have been applied, and those that were.
    package var plannedStrikes: UInt64 { rules.reduce(0) { $0 + $1.planned } }
    package var appliedStrikes: UInt64 { rules.reduce(0) { $0 + $1.applied } }

    /// Whether the chaos that was planned was applied, all of it.
    package var isAllApplied: Bool { plannedStrikes == appliedStrikes }

    /// No connection came to stand although there were some to play.
    package var isConsumerUnreachable: Bool {
        run.role == .client && sent.connections > 0 && reactions.attemptsOpened == 0
            && reactions.attemptsRefused > 0
    }
}

/// What the user should know, with the next step.
extension ReplayReport {
    package var warnings: [String] {
        var warnings = notes
        if run.role == .server { warnings += servingWarnings }
        if isConsumerUnreachable {
            warnings.append(
                "no connection to \(EscapedText(run.consumer)) came to stand; start the consumer")
        } else if sent.unopened > 0 {
            warnings.append(
                "\(amount(sent.unopened, "connection")) could not be opened; reactions.jsonl says "
                    + "why")
        }
        if !isAllApplied {
            warnings.append(
                "\((plannedStrikes - appliedStrikes).grouped) of "
                    + "\(amount(plannedStrikes, "planned strike")) "
                    + (plannedStrikes - appliedStrikes == 1 ? "was" : "were")
                    + " not applied; outcomes.jsonl says why")
        } else if rules.contains(where: { $0.ruledOut > 0 }), plannedStrikes == 0 {
            warnings.append("no strike could be planned; schedule.jsonl says why")
        } else if !rules.isEmpty, plannedStrikes == 0 {
            warnings.append(
                "no strike was planned: the chances hit nothing; raise them, or try another seed")
        }
        if sent.uncoupled > 0 {
            let list = sent.uncoupledConnections.prefix(5).map { "\($0)" }.joined(separator: ", ")
            let rest = sent.uncoupled > 5 ? ", …" : ""
            warnings.append(
                "\(amount(sent.uncoupled, "connection")) (\(list)\(rest)) got answers too late to "
                    + "wait for and went on at the recorded pace; --answer-timeout allows more")
        }
        if sent.endsInVain > 0 {
            warnings.append(
                "\(amount(sent.endsInVain, "connection")) \(sent.endsInVain == 1 ? "was" : "were") "
                    + "cut before answers came that the recording had by then, which were waited "
                    + "for; --answer-timeout allows more")
        }
        if sent.missingEnds > 0 {
            warnings.append(
                "the consumer did not end \(amount(sent.missingEnds, "connection")) as recorded")
        }
        if sent.partial > 0 {
            warnings.append(
                "\(amount(sent.partial, "connection")) picked up in the middle "
                    + (sent.partial == 1 ? "was" : "were")
                    + " left out; --include-partial plays them")
        }
        if sent.connections == 0 { warnings.append("there was no connection to play") }
        return warnings
    }
}

/// `1 message`, `12,240 messages`.
func amount(_ number: UInt64, _ noun: String) -> String {
    "\(number.grouped) \(noun)\(number == 1 ? "" : "s")"
}
