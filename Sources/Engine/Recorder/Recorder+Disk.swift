import Platform
import Recordings

/// What the disk says.
extension Recorder: BlockStoreHandler {
    package func blockFreed() {
        blocksOnTheWay -= 1
        if end != nil { return writeEnd() }
        let wasUnrecorded = state == .unrecorded
        switch state {
        case .waiting(let since):
            counters.waitedNanoseconds += network.readClock().nanoseconds - since.nanoseconds
        case .unrecorded: break
        case .off, .recording, .failed, .complete: return
        }
        stopWaiting()
        state = .recording
        guard recordBacklog() else { return }
        if wasUnrecorded { note(.resumed(missingBytes: counters.missingBytes)) }
        wakeWaiters()
    }

    package func blockLost(_ lost: UnsafeRawBufferPointer, _ error: Errno) {
        counters.fileBytes -= min(counters.fileBytes, UInt64(lost.count))
        missEvents(of: lost)
        guard failure == nil else { return }
        failure = error
        guard end == nil else { return }
        stopWaiting()
        state = .failed
        // Blocks after a lost one are lost too, and the store says so of this one in its turn.
        sealBlock()
        note(settings.mustRecord ? .stopped(error) : .failed(error))
        if !settings.mustRecord { wakeWaiters() }
    }

    package func storeClosed(_ error: Errno?) {
        failure = failure ?? error
        end = .closed
        finished?()
        finished = nil
    }

    private func stopWaiting() {
        if let waitTimer { network.cancel(waitTimer) }
        waitTimer = nil
    }

    /// What happened while there was no room goes into the recording, in order. False: there is no
    /// room again.
    private func recordBacklog() -> Bool {
        while let entry = backlog.next(at: instant) {
            guard append(entry.event, entry.bytes.span) else { return false }
            backlog.removeFirst()
        }
        return true
    }

    /// The lost block's chunks become gaps; its other events are counted.
    private func missEvents(of lost: UnsafeRawBufferPointer) {
        let bytes = lost.assumingMemoryBound(to: UInt8.self).span
        guard case .header(let header) = BlockHeader.decode(bytes),
            header.kind == BlockKind.events
        else { return }
        let used = Int(header.usedLength)
        var offset = BlockHeader.length
        while offset < used {
            switch EventLayout.decode(bytes, at: offset, end: used) {
            case .event(let event, let range, let next):
                offset = next
                if case .chunk = event.fact, let direction = event.direction {
                    counters.payloadBytes -= UInt64(range.count)
                    miss(range.count, event.connection, event.attempt, direction)
                } else {
                    counters.missingEvents += 1
                }
            case .unknown(_, let next): offset = next
            case .malformed: return
            }
        }
    }
}

/// The recording's end, in steps that each may have to wait for a free block.
extension Recorder {
    enum EndStep: Equatable {
        /// Blocks that are lost too have to come back, for the gaps that stand for them.
        case losses
        /// What happened while there was no room, and the block at hand.
        case rest
        case index
        case footer
        /// All is handed over; the file is being closed.
        case closing
        case closed
    }

    /// Writes the rest, the index and the footer, and closes the file; then calls `finished`:
    /// later, or at once where nothing is recorded.
    package func finish(_ finished: @escaping () -> Void) {
        guard store != nil, end != .closed else { return finished() }
        self.finished = finished
        guard end == nil else { return }
        stopWaiting()
        end = state == .failed ? .losses : .rest
        writeEnd()
    }

    /// The recording has its full size: it ends, and traffic goes on.
    func complete() {
        state = .complete
        guard end == nil else { return }
        end = .rest
        note(.complete(bytes: counters.fileBytes))
        writeEnd()
    }

    /// Goes on with the end as far as there are free blocks; `blockFreed` calls it again.
    private func writeEnd() {
        if end == .losses, blocksOnTheWay == 0 {
            store?.recover()
            end = .rest
        }
        if end == .rest {
            if state != .complete { state = .recording }
            // Complete: it has its full size, and what waits is left out.
            guard state == .complete || recordBacklog() || state == .complete else { return }
            sealBlock()
            state = .complete
            // Blocks that were lost would be in the index: a reader makes a better one.
            end = failure == nil ? .index : .closing
            if end == .closing { store?.close() }
        }
        while end == .index || end == .footer, let memory = memory ?? store?.takeBlock() {
            var block = memory.bytes.mutableSpan
            let isIndex = end == .index
            let stored =
                isIndex ? layout.sealIndex(into: &block) : layout.sealFooter(into: &block)
            hand(over: memory, stored)
            self.memory = nil
            end = isIndex ? .footer : .closing
            if end == .closing { store?.close() }
        }
    }
}
