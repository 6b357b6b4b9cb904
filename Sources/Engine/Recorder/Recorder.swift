import Platform
import Recordings

/// Writes what happens into blocks, and hands full ones to the disk.
///
/// Bytes are received straight into the block and sent from there. When no block is free, traffic
/// waits (`.mustWait`) up to a limit, then goes on unrecorded, and a gap says how much is missing:
///
///     recording ──no block──► waiting ──too long──► unrecorded
///         ▲──────a block is free──┴──────────────────────┘
///     recording ──size reached──► complete       any ──disk full──► failed
package final class Recorder {
    enum State: Equatable {
        /// Nothing is recorded: a session without a recording.
        case off
        case recording
        case waiting(since: MonotonicTime)
        case unrecorded
        /// The disk took a block no more.
        case failed
        /// The recording ended, and traffic may go on.
        case complete
    }

    /// The most that one receive asks for.
    package static let receiveBytes = 512 << 10
    /// A block with less room than this is full.
    static let leastReceive = 512

    package internal(set) var counters = RecorderCounters()

    /// Why the recording could not be written to its end; nil as long as it can.
    package internal(set) var failure: Errno?

    package let settings: RecorderSettings

    weak var session: Session?
    let network: any Network
    let store: (any BlockStore)?
    /// When the session started.
    package let start: MonotonicTime
    var state: State
    var layout: BlockLayout
    /// The block that is being filled.
    var memory: UnsafeMutableRawBufferPointer?
    var backlog = Backlog()
    var highestConnection: UInt32 = 0
    /// Blocks that were handed over and did not come back yet.
    var blocksOnTheWay = 0
    var waitTimer: TimerToken?
    var flushTimer: TimerToken?
    var end: EndStep?
    var finished: (() -> Void)?
    private var waiters: [any RecorderWaiter] = []
    /// Where bytes are received that are not recorded.
    private var scratch: UnsafeMutableRawBufferPointer?

    /// A recorder of a session that starts now.
    ///
    /// - Parameters:
    ///   - store: takes the blocks, and has one free; nil: nothing is recorded, and everything else
    ///     works the same.
    ///   - header: what the recording says of itself; its monotonic start is set here.
    ///   - session: a number that no other recording has.
    /// - Throws: when the header is too long for a block.
    package init(
        network: any Network, store: (any BlockStore)?,
        header: RecordingHeader = RecordingHeader(), session: UInt64 = 1,
        settings: RecorderSettings = RecorderSettings()
    ) throws(RecordingFileError) {
        self.network = network
        self.store = store
        self.settings = settings
        start = network.readClock()
        let memory = store?.takeBlock()
        layout = BlockLayout(
            session: session, capacity: memory?.count ?? RecordingFormat.blockBytes)
        state = store == nil ? .off : .recording
        guard let memory else { return }
        store?.handler = self
        var header = header
        header.monotonicStart = start.nanoseconds
        var block = memory.bytes.mutableSpan
        hand(over: memory, try layout.sealHeader(header, into: &block))
    }

    deinit { scratch?.deallocate() }

    /// The moment of this call, on the session's clock.
    package var instant: Instant {
        Instant(nanoseconds: network.readClock().nanoseconds - start.nanoseconds)
    }

    /// A moment of the session on the network's clock.
    package func time(of instant: Instant) -> MonotonicTime {
        start.advanced(byNanoseconds: instant.nanoseconds)
    }

    /// Whether there is room for an event now, or none is needed. An event that is recorded without
    /// asking is kept until there is, up to `Backlog.maximumEvents` of them.
    package var hasRoom: Bool {
        switch state {
        case .waiting: false
        case .failed: !settings.mustRecord
        case .off, .recording, .unrecorded, .complete: true
        }
    }

    /// Something passed that is not in the recording.
    package var isIncomplete: Bool {
        counters.missingBytes > 0 || counters.missingEvents > 0
    }

    /// Records an event, with the bytes beside it; many of them become several events.
    package func record(_ event: Event, _ bytes: Span<UInt8> = Span()) {
        switch state {
        case .off, .complete: return
        case .recording, .waiting, .unrecorded, .failed: break
        }
        highestConnection = max(highestConnection, event.connection)
        let limit = layout.maximumPayload(beside: event)
        EventLayout.split(event, bytes, at: limit) { piece, bytes in
            if state == .recording, append(piece, bytes) { return }
            if state != .complete, !backlog.add(piece, bytes) { counters.missingEvents += 1 }
        }
    }

    /// Receives once from a socket, into the recording; the chunk's instant is now.
    ///
    /// - Parameter limit: how many bytes at most, from 1 to `receiveBytes`.
    package func receive(
        from socket: any Socket, connection: UInt32, attempt: UInt16, direction: Direction,
        limit: Int
    ) -> RecordedReceive {
        guard state == .recording, let place = chunkPlace(limit: limit) else {
            return receiveUnrecorded(
                from: socket, connection: connection, attempt: attempt, direction: direction,
                limit: limit)
        }
        switch socket.receive(into: place) {
        case .bytes(let count, let isDrained):
            commitChunk(count, connection, attempt, direction)
            return .bytes(UnsafeRawBufferPointer(rebasing: place[..<count]), isDrained: isDrained)
        case .wouldBlock: return .wouldBlock
        case .finished: return .finished
        case .failed(let error): return .failed(error)
        }
    }

    /// Calls the waiter once when there is room, or when traffic goes on without.
    package func wait(for waiter: any RecorderWaiter) { waiters.append(waiter) }

    /// Whoever waits goes on.
    func wakeWaiters() {
        let waking = waiters
        waiters = []
        for waiter in waking { waiter.recorderHasRoom() }
    }

    func note(_ notice: RecorderNotice) { session?.note(.recorder(notice)) }

    private func receiveUnrecorded(
        from socket: any Socket, connection: UInt32, attempt: UInt16, direction: Direction,
        limit: Int
    ) -> RecordedReceive {
        guard hasRoom else { return .mustWait }
        let memory = scratch ?? .allocate(byteCount: Self.receiveBytes, alignment: 4_096)
        scratch = memory
        let place = UnsafeMutableRawBufferPointer(rebasing: memory[..<min(limit, memory.count)])
        switch socket.receive(into: place) {
        case .bytes(let count, let isDrained):
            if state == .unrecorded || state == .failed {
                miss(count, connection, attempt, direction)
            }
            return .bytes(UnsafeRawBufferPointer(rebasing: place[..<count]), isDrained: isDrained)
        case .wouldBlock: return .wouldBlock
        case .finished: return .finished
        case .failed(let error): return .failed(error)
        }
    }

    func miss(
        _ count: Int, _ connection: UInt32, _ attempt: UInt16, _ direction: Direction
    ) {
        counters.missingBytes += UInt64(count)
        backlog.miss(count, connection: connection, attempt: attempt, direction: direction)
    }
}
