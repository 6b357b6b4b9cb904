/// Where in a file which stretch of time and which connections lie.
///
/// It is bounded whatever the file's size: when it has more runs than it may keep, neighbours are
/// put together, and so are neighbours by number among the connections. It may then name blocks
/// that hold nothing of what was asked for, but never leaves one out.
package struct RecordingIndex: Hashable, Sendable {
    package static let maximumRuns = 16_384
    package static let maximumBuckets = 65_536

    /// Blocks of events that follow each other.
    package struct Run: Hashable, Sendable {
        package var offset: UInt64
        /// Bytes in the file.
        package var length: UInt64
        package var first: Instant
        package var last: Instant
        package var lowestConnection: UInt32
        package var highestConnection: UInt32
        package var blocks: UInt32

        static let length = 48

        fileprivate mutating func join(_ next: Run) {
            length = max(length, next.offset + next.length - offset)
            first = min(first, next.first)
            last = max(last, next.last)
            lowestConnection =
                lowestConnection == 0 || next.lowestConnection == 0
                ? max(lowestConnection, next.lowestConnection)
                : min(lowestConnection, next.lowestConnection)
            highestConnection = max(highestConnection, next.highestConnection)
            blocks += next.blocks
        }
    }

    /// The first and the last run that hold anything of some connections.
    package struct Bucket: Hashable, Sendable {
        package var firstRun: UInt32
        package var lastRun: UInt32

        static let empty = Bucket(firstRun: .max, lastRun: 0)
        static let length = 8

        fileprivate mutating func join(_ other: Bucket) {
            firstRun = min(firstRun, other.firstRun)
            lastRun = max(lastRun, other.lastRun)
        }
    }

    package internal(set) var runs: [Run] = []
    /// The bucket of connection n is the one at n >> `shift`. Empty: nothing is known beyond the
    /// runs' lowest and highest connections.
    package internal(set) var buckets: [Bucket] = []
    package internal(set) var shift: UInt32 = 0

    package init() {}

    /// Where events of this time and of these connections may lie, rising. Events of the session
    /// as a whole (connection 0) may lie anywhere.
    package func places(
        from: Instant? = nil, until: Instant? = nil, connections: Set<UInt32>? = nil
    ) -> [Range<UInt64>] {
        var places: [Range<UInt64>] = []
        for (number, run) in runs.enumerated() {
            if let from, run.last < from { continue }
            if let until, run.first > until { continue }
            if let connections, !connections.contains(where: { holds($0, run, number) }) {
                continue
            }
            let end = run.offset + run.length
            if let last = places.last, last.upperBound == run.offset {
                places[places.count - 1] = last.lowerBound..<end
            } else {
                places.append(run.offset..<end)
            }
        }
        return places
    }

    private func holds(_ connection: UInt32, _ run: Run, _ number: Int) -> Bool {
        if connection == 0 { return true }
        guard connection >= run.lowestConnection, connection <= run.highestConnection else {
            return false
        }
        guard !buckets.isEmpty else { return true }
        let place = Int(connection >> shift)
        guard place < buckets.count else { return false }
        return number >= Int(buckets[place].firstRun) && number <= Int(buckets[place].lastRun)
    }
}

/// Makes an index while blocks are sealed.
package struct IndexBuilder: Sendable {
    package private(set) var index = RecordingIndex()
    /// Blocks a run holds, except the last one.
    private var blocksPerRun: UInt32 = 1
    private let runLimit: Int
    private let bucketLimit: Int
    private var latest: UInt32 = 0

    /// - Parameter room: bytes that the index may take in its block.
    package init(room: Int = RecordingFormat.blockBytes - BlockHeader.length) {
        let half = (room - RecordingIndex.preambleLength) / 2
        runLimit = max(2, min(RecordingIndex.maximumRuns, half / RecordingIndex.Run.length))
        bucketLimit = max(
            2, min(RecordingIndex.maximumBuckets, half / RecordingIndex.Bucket.length))
    }

    /// An event of this connection goes into the block that is being filled.
    package mutating func note(_ connection: UInt32) {
        guard connection != latest else { return }
        latest = connection
        while Int(connection >> index.shift) >= bucketLimit { mergeBuckets() }
        let place = Int(connection >> index.shift)
        while index.buckets.count <= place { index.buckets.append(.empty) }
        let run = UInt32(clamping: lastRunIsFull ? index.runs.count : index.runs.count - 1)
        index.buckets[place].join(RecordingIndex.Bucket(firstRun: run, lastRun: run))
    }

    /// The block with this header was sealed, and lies at `offset`.
    package mutating func add(_ header: BlockHeader, at offset: UInt64) {
        latest = 0
        let run = RecordingIndex.Run(
            offset: offset, length: UInt64(header.storedLength), first: header.first,
            last: header.last, lowestConnection: header.lowestConnection,
            highestConnection: header.highestConnection, blocks: 1)
        if lastRunIsFull {
            index.runs.append(run)
        } else {
            index.runs[index.runs.count - 1].join(run)
        }
        if index.runs.count > runLimit { mergeRuns() }
    }

    /// What lies up to `offset` belongs to the run before it: damage, of which nothing is known.
    mutating func extendLastRun(to offset: UInt64) {
        guard let last = index.runs.last, offset > last.offset else { return }
        index.runs[index.runs.count - 1].length = offset - last.offset
    }

    private var lastRunIsFull: Bool {
        guard let last = index.runs.last else { return true }
        return last.blocks >= blocksPerRun
    }

    private mutating func mergeRuns() {
        var merged: [RecordingIndex.Run] = []
        for (number, run) in index.runs.enumerated() {
            if number % 2 == 0 { merged.append(run) } else { merged[merged.count - 1].join(run) }
        }
        index.runs = merged
        blocksPerRun *= 2
        for place in index.buckets.indices where index.buckets[place] != .empty {
            index.buckets[place].firstRun /= 2
            index.buckets[place].lastRun /= 2
        }
    }

    private mutating func mergeBuckets() {
        var merged: [RecordingIndex.Bucket] = []
        for (number, bucket) in index.buckets.enumerated() {
            if number % 2 == 0 {
                merged.append(bucket)
            } else {
                merged[merged.count - 1].join(bucket)
            }
        }
        index.buckets = merged
        index.shift += 1
    }
}
