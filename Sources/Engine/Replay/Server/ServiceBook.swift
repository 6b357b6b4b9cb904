import Faults
import Recordings

/// The recorded exchanges of a session, and which of them have been used: what the connections of a
/// replay as the server share. It touches no socket and no clock.
///
/// Memory: 32 bytes for each recorded request, and some 60 for each that is unlike all others.
final class ServiceBook {
    /// Of a request that was not expected next, so many of its connection are looked at.
    static let lookahead: UInt64 = 1_024

    let transcript: Transcript
    let settings: ReplaySettings
    let clock: ReplayClock
    private(set) var played: [PlayedConnection] = []

    // Requests have numbers through all connections, from 0.
    /// The group of equal requests that each belongs to; -1: its bytes are missing.
    private var groupOf: [Int32] = []
    private(set) var timesAsked: [UInt32] = []
    private var askedAt: [Int64] = []
    private var groups: [MessageDigest: Int32] = [:]
    /// By group: its requests in recorded order, one after the other.
    private var members: [UInt32] = []
    private var groupStart: [Int] = []
    /// Before it, all of the group have been used.
    private var groupCursor: [Int] = []
    private var lastUsed: [Int] = []
    /// By group of their first request: connections that nobody has played yet.
    private var fresh: [Int32: [Int]] = [:]
    /// The first one that nobody has played yet is not before it.
    private var firstFresh = 0
    private var extraNumbers: UInt32 = 0
    private var latestEnd: UInt64 = 0
    private var told: [StrikeOutcome] = []

    /// - Throws: where the recording's bytes cannot be read.
    init(
        _ transcript: Transcript, _ program: ReplayProgram, _ bytes: any RecordedBytes,
        _ schedule: Schedule, _ settings: ReplaySettings, _ clock: ReplayClock
    ) throws(RecordedBytesError) {
        self.transcript = transcript
        self.settings = settings
        self.clock = clock
        var strikes: [UInt32: [Strike]] = [:]
        for strike in schedule.strikes
        where strike.isPlanned && strike.direction == .downstream
            && !strike.effect.needsOtherConnection
        {
            strikes[strike.connection, default: []].append(strike)
        }
        for entry in program.entries {
            let connection = transcript.connections[entry.index]
            played.append(
                PlayedConnection(
                    entry.index, connection, firstRequest: groupOf.count,
                    strikes: strikes[connection.number] ?? [],
                    conditions: schedule.link(
                        connection: connection.number, route: connection.route, .downstream)))
            try enterRequests(of: connection, bytes)
        }
        extraNumbers = transcript.connections.map(\.number).max() ?? 0
        sortGroups()
        for index in played.indices where played[index].requests > 0 {
            fresh[groupOf[played[index].firstRequest], default: []].append(index)
        }
    }

    subscript(index: Int) -> PlayedConnection {
        get { played[index] }
        _modify { yield &played[index] }
    }

    func connection(_ index: Int) -> TranscriptConnection {
        transcript.connections[played[index].index]
    }

    /// A number for a connection that plays none.
    func takeExtraNumber() -> UInt32 {
        if extraNumbers < .max { extraNumbers += 1 }
        return extraNumbers
    }

    /// A strike has its outcome, unless it has one.
    func settle(
        _ struck: Responder.Struck, _ result: StrikeOutcome.Result, _ reason: String = ""
    ) {
        played[struck.source].ledger.settle(struck.strike, result, reason)
        told.append(contentsOf: played[struck.source].ledger.takeOutcomes())
    }

    /// Strikes of one recorded connection may have their outcome now.
    func collectOutcomes(of source: Int) {
        guard played[source].ledger.hasOutcomes else { return }
        told.append(contentsOf: played[source].ledger.takeOutcomes())
    }

    /// The outcomes that were not taken yet.
    func takeOutcomes() -> [StrikeOutcome] {
        guard !told.isEmpty else { return [] }
        defer { told = [] }
        return told
    }

    /// Whether every recorded connection was played to its end.
    var isAllPlayed: Bool { played.allSatisfy { $0.isPlayed && $0.open == 0 } }

    // MARK: - Making

    private func enterRequests(
        of connection: TranscriptConnection, _ bytes: any RecordedBytes
    ) throws(RecordedBytesError) {
        let link = connection.upstream
        let count = PlayableExtent(connection).messages
        var reader = LinkReader(link, bytes, settings.framing)
        var number: UInt64 = 0
        while number < count {
            number += 1
            let range = link.range(of: number)
            var group: Int32 = -1
            if let digest = try reader.digest(range) {
                group = groups[digest] ?? Int32(clamping: groups.count)
                groups[digest] = group
            }
            groupOf.append(group)
            timesAsked.append(0)
            askedAt.append(0)
        }
    }

    private func sortGroups() {
        var counts = Array(repeating: 0, count: groups.count + 1)
        for group in groupOf where group >= 0 { counts[Int(group) + 1] += 1 }
        for index in counts.indices.dropFirst() { counts[index] += counts[index - 1] }
        groupStart = counts
        members = Array(repeating: 0, count: counts.last ?? 0)
        var next = counts
        for (request, group) in groupOf.enumerated() where group >= 0 {
            members[next[Int(group)]] = UInt32(clamping: request)
            next[Int(group)] += 1
        }
        groupCursor = Array(groupStart.dropLast())
        lastUsed = Array(repeating: -1, count: groups.count)
    }

    // MARK: - Requests

    /// Where a request stands in the recording.
    func place(of request: Int) -> (played: Int, message: UInt64) {
        var (low, high) = (0, played.count)
        while low < high {
            let middle = low + (high - low) / 2
            if played[middle].firstRequest <= request { low = middle + 1 } else { high = middle }
        }
        return (low - 1, UInt64(request - played[low - 1].firstRequest) + 1)
    }

    func group(of digest: MessageDigest) -> Int32? { groups[digest] }
    func group(ofRequest request: Int) -> Int32 { groupOf[request] }
    func isUsed(_ request: Int) -> Bool { timesAsked[request] > 0 }

    /// The first request of a group that nobody has sent yet.
    func firstUnused(of group: Int32) -> Int? {
        let end = groupStart[Int(group) + 1]
        while groupCursor[Int(group)] < end {
            let request = Int(members[groupCursor[Int(group)]])
            if timesAsked[request] == 0 { return request }
            groupCursor[Int(group)] += 1
        }
        return nil
    }

    /// The request of a group that was sent last; of one that nobody has sent, its first.
    func latest(of group: Int32) -> Int {
        let last = lastUsed[Int(group)]
        return last >= 0 ? last : Int(members[groupStart[Int(group)]])
    }

    /// A request was sent.
    /// - Returns: how often it has been sent by now, and how long ago the last time was.
    func use(_ request: Int, at now: Instant) -> (times: UInt32, sinceNanoseconds: Int64) {
        let since = now.nanoseconds - askedAt[request]
        if timesAsked[request] < .max { timesAsked[request] += 1 }
        askedAt[request] = now.nanoseconds
        if groupOf[request] >= 0 { lastUsed[Int(groupOf[request])] = request }
        return (timesAsked[request], since)
    }

    // MARK: - Assigning

    /// The connection that nobody has played yet and that opened first.
    private func nextFresh() -> Int? {
        while firstFresh < played.count, played[firstFresh].attempts > 0 { firstFresh += 1 }
        return firstFresh < played.count ? firstFresh : nil
    }

    private func nextFresh(beginningWith group: Int32) -> Int? {
        guard let list = fresh[group] else { return nil }
        guard let first = list.firstIndex(where: { played[$0].attempts == 0 }) else {
            fresh[group] = nil
            return nil
        }
        if first > 64 { fresh[group] = Array(list[first...]) }
        return list[first]
    }

    /// Those that ended before their end, the one that ended longest ago first.
    private var awaited: [Int] = []

    /// The recorded connection that is played by the next one to be accepted, as far as the order
    /// of accepting tells.
    func expected() -> Int? {
        if let first = awaited.first { return first }
        return nextFresh() ?? played.indices.max { played[$0].endedAs < played[$1].endedAs }
    }

    /// The recorded connection that begins with this message, or goes on with it.
    func assign(_ group: Int32) -> Int? {
        let redialled = awaited.first { index in
            let connection = played[index]
            return connection.unanswered.contains { groupOf[$0] == group }
                || connection.requests > 0 && groupOf[connection.firstRequest] == group
                || connection.next <= UInt64(connection.requests)
                    && groupOf[connection.request(connection.next)] == group
        }
        if let redialled { return redialled }
        if let fresh = nextFresh(beginningWith: group) { return fresh }
        return firstUnused(of: group).map { place(of: $0).played }
            ?? place(of: latest(of: group)).played
    }

    /// An accepted connection plays this one.
    /// - Returns: the how-many-eth does.
    func begin(_ index: Int) -> UInt16 {
        if played[index].attempts < .max { played[index].attempts += 1 }
        played[index].open += 1
        if let place = awaited.firstIndex(of: index) { awaited.remove(at: place) }
        return played[index].attempts
    }

    /// A connection that played this one has ended.
    /// - Parameters:
    ///   - unanswered: requests whose answers were not sent whole.
    ///   - isOver: the recording has no more of it, whatever was asked for.
    func end(_ index: Int, unanswered: [Int], isOver: Bool) {
        latestEnd += 1
        played[index].open -= 1
        played[index].endedAs = latestEnd
        played[index].unanswered.append(contentsOf: unanswered)
        let tooMany = played[index].unanswered.count - PlayedConnection.mostUnanswered
        if tooMany > 0 { played[index].unanswered.removeFirst(tooMany) }
        skipUsed(index)
        played[index].isPlayed =
            isOver
            || played[index].unanswered.isEmpty
                && played[index].next > UInt64(played[index].requests)
        if !played[index].isPlayed, played[index].open == 0 { awaited.append(index) }
    }

    /// The next request of a connection is one that nobody has sent.
    func skipUsed(_ index: Int) {
        while played[index].next <= UInt64(played[index].requests),
            isUsed(played[index].request(played[index].next))
        {
            played[index].next += 1
        }
    }
}
