import Faults
import Recordings

/// A recorded connection as the server plays it, over all that dialled for it.
struct PlayedConnection: Sendable {
    /// More requests whose answers are owed from an earlier attempt are not kept in mind.
    static let mostUnanswered = 4_096

    /// In the transcript's connections.
    let index: Int
    let number: UInt32
    /// Its first request, counted through all connections.
    let firstRequest: Int
    /// How many it has that can be told.
    let requests: Int
    /// How far its downstream link can be played.
    let extent: PlayableExtent
    let conditions: LinkSchedule
    /// Bytes came downstream before any went upstream.
    let serverSpeaksFirst: Bool
    var ledger: StrikeLedger

    /// Its next request: those before it were sent, or passed over.
    var next: UInt64 = 1
    /// The downstream message behind the last push that was sent.
    var pushesFrom: UInt64 = 1
    /// How many connections have played it, and how many are doing it.
    var attempts: UInt16 = 0
    var open = 0
    /// It was played to its end.
    var isPlayed = false
    /// The how-many-eth end of the session was that of its last attempt.
    var endedAs: UInt64 = 0
    /// Requests that came on attempts that have ended, without a whole answer; in their order.
    var unanswered: [Int] = []

    init(
        _ index: Int, _ connection: TranscriptConnection, firstRequest: Int, strikes: [Strike],
        conditions: LinkSchedule
    ) {
        self.index = index
        number = connection.number
        self.firstRequest = firstRequest
        requests = Int(clamping: PlayableExtent(connection).messages)
        extent = PlayableExtent(connection, .downstream)
        ledger = StrikeLedger(strikes, on: connection.downstream)
        self.conditions = conditions
        let up = connection.upstream.extents.first?.fileOffset ?? .max
        serverSpeaksFirst = connection.downstream.extents.first.map { $0.fileOffset < up } ?? false
    }

    /// The number of one of its requests, counted through all connections.
    /// - Parameter message: from 1.
    func request(_ message: UInt64) -> Int { firstRequest + Int(message) - 1 }
}

/// Reads a recorded link from its start to its end, once.
struct LinkReader {
    private static let windowBytes = 65_536

    private let link: TranscriptLink
    private let bytes: any RecordedBytes
    private var extent = 0
    private var window: [UInt8] = []
    private var digest: RequestDigest

    init(_ link: TranscriptLink, _ bytes: any RecordedBytes, _ framing: FramingChoice) {
        self.link = link
        self.bytes = bytes
        digest = RequestDigest(framing)
    }

    /// The digest of these bytes of the link; nil where some are missing. Ranges rise.
    mutating func digest(_ range: Range<UInt64>) throws(RecordedBytesError) -> MessageDigest? {
        try add(range)
        let isWhole = digest.bytes == UInt64(range.count)
        let whole = digest.take()
        return isWhole ? whole : nil
    }

    private mutating func add(_ range: Range<UInt64>) throws(RecordedBytesError) {
        while extent < link.extents.count {
            let chunk = link.extents[extent]
            let end = chunk.offset + UInt64(chunk.count)
            guard end > range.lowerBound else {
                extent += 1
                continue
            }
            guard chunk.offset < range.upperBound else { return }
            var next = max(chunk.offset, range.lowerBound)
            while next < min(end, range.upperBound) {
                let count = min(
                    Int(min(end, range.upperBound) - next), Self.windowBytes)
                try read(at: chunk.fileOffset + (next - chunk.offset), count)
                let read = window
                digest.add(read.span)
                next += UInt64(count)
            }
            guard end <= range.upperBound else { return }
            extent += 1
        }
    }

    private mutating func read(at offset: UInt64, _ count: Int) throws(RecordedBytesError) {
        if window.count != count { window = Array(repeating: 0, count: count) }
        var failure: RecordedBytesError?
        window.withUnsafeMutableBytes { buffer in
            do throws(RecordedBytesError) {
                try bytes.copyBytes(at: offset, into: buffer)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
