import Platform
import Recordings

/// From events to blocks, and from blocks to the disk.
extension Recorder {
    /// Writes an event into the block. False: there is no room, and the state says why.
    func append(_ event: Event, _ bytes: Span<UInt8>) -> Bool {
        let length = EventLayout.length(of: event, bytes: bytes.count)
        guard openBlock(for: length), let memory else { return false }
        var block = memory.bytes.mutableSpan
        let isWritten = layout.append(event, bytes, in: &block)
        precondition(isWritten, "an event did not fit into the room that was made for it")
        counters.events += 1
        switch event.fact {
        case .gap: counters.gaps += 1
        case .chunk: counters.payloadBytes += UInt64(bytes.count)
        default: break
        }
        scheduleFlush()
        return true
    }

    /// Where a chunk's payload is received; nil without room.
    func chunkPlace(limit: Int) -> UnsafeMutableRawBufferPointer? {
        guard openBlock(for: EventLayout.headLength + Self.leastReceive), let memory,
            let room = layout.reserveChunk()
        else { return nil }
        let size = min(limit, room.count, sizeLeft - EventLayout.headLength)
        return UnsafeMutableRawBufferPointer(
            rebasing: memory[room.lowerBound..<(room.lowerBound + size)])
    }

    /// So many bytes were received where `chunkPlace` said.
    func commitChunk(
        _ count: Int, _ connection: UInt32, _ attempt: UInt16, _ direction: Direction
    ) {
        guard let memory else { return }
        var block = memory.bytes.mutableSpan
        layout.commitChunk(
            count: count, at: instant, connection: connection, attempt: attempt,
            direction: direction, in: &block)
        // Now, while the bytes are in the cache.
        layout.updateChecksum(of: block.span)
        highestConnection = max(highestConnection, connection)
        counters.events += 1
        counters.payloadBytes += UInt64(count)
        scheduleFlush()
    }

    /// Makes sure that there is a block with room for so many bytes; a full one goes to the disk.
    private func openBlock(for length: Int) -> Bool {
        let room = min(layout.capacity - layout.usedBytes, sizeLeft)
        if memory != nil {
            if room >= length { return true }
            sealBlock()
        }
        guard sizeLeft >= length else {
            complete()
            return false
        }
        guard let next = store?.takeBlock() else {
            beginWaiting()
            return false
        }
        memory = next
        return true
    }

    /// Hands the block to the disk, if there is anything in it.
    func sealBlock() {
        guard let memory, !layout.isEmpty else { return }
        var block = memory.bytes.mutableSpan
        hand(over: memory, layout.seal(&block))
        self.memory = nil
    }

    func hand(over memory: UnsafeMutableRawBufferPointer, _ stored: Int) {
        counters.fileBytes += UInt64(stored)
        blocksOnTheWay += 1
        store?.write(memory, count: stored)
    }

    /// How many bytes more the block at hand may have, so that the file with its index and footer
    /// stays within the size that was asked for.
    private var sizeLeft: Int {
        guard let maximum = settings.maximumBytes else { return .max }
        let taken = counters.fileBytes + UInt64(layout.usedBytes) + endBytes
        return taken >= maximum ? 0 : Int(clamping: maximum - taken)
    }

    /// At most so many bytes the index and the footer take, and the padding of the block at hand.
    private var endBytes: UInt64 {
        let runs = min(layout.totals.blocks + 2, UInt64(RecordingIndex.maximumRuns))
        let buckets = min(UInt64(highestConnection) + 1, UInt64(RecordingIndex.maximumBuckets))
        return runs * 64 + buckets * 8 + 4 * UInt64(RecordingFormat.alignment)
    }
}

/// Timers.
extension Recorder: TimerHandler {
    package func timerFired(_ timer: TimerToken) {
        if timer == flushTimer {
            flushTimer = nil
            flushIfOld()
        } else if timer == waitTimer {
            waitTimer = nil
            waitedTooLong()
        }
    }

    /// One timer at a time: it looks how old the block's first event is.
    private func scheduleFlush() {
        guard flushTimer == nil, let oldest = layout.oldest else { return }
        let due = time(of: oldest).advanced(byNanoseconds: settings.flushNanoseconds)
        flushTimer = network.schedule(at: due, self)
    }

    private func flushIfOld() {
        guard state == .recording, let oldest = layout.oldest else { return }
        let due = time(of: oldest).advanced(byNanoseconds: settings.flushNanoseconds)
        if due <= network.now { sealBlock() } else { scheduleFlush() }
    }

    private func beginWaiting() {
        guard state == .recording else { return }
        let now = network.readClock()
        counters.waits += 1
        state = .waiting(since: now)
        let due = now.advanced(byNanoseconds: settings.maximumWaitNanoseconds)
        waitTimer = network.schedule(at: due, self)
    }

    private func waitedTooLong() {
        guard case .waiting(let since) = state else { return }
        let waited = network.now.nanoseconds - since.nanoseconds
        guard !settings.mustRecord else { return note(.waiting(nanoseconds: waited)) }
        counters.waitedNanoseconds += waited
        state = .unrecorded
        note(.unrecorded(nanoseconds: waited))
        wakeWaiters()
    }
}

extension UnsafeMutableRawBufferPointer {
    /// A block's memory holds nothing but bytes.
    var bytes: UnsafeMutableBufferPointer<UInt8> { assumingMemoryBound(to: UInt8.self) }
}
