import Recordings

/// Which recorded exchange answers a request.
extension ServiceBook {
    /// A recorded request that one that came is taken for.
    struct Found: Hashable, Sendable {
        /// Counted through all connections.
        var request: Int
        var played: Int
        var message: UInt64
        /// nil where it is the next of its own connection.
        var match: ServingMark.Match?
    }

    /// The recorded request that a message is taken for, which is used by that; nil: there is none.
    ///
    /// Each recorded exchange is used once: one whose answer an earlier attempt did not get whole;
    /// the connection's next; one of this attempt whose answer a strike keeps back; a later one of
    /// the connection; the same message anywhere that nobody has sent. Then an answer again.
    /// - Parameters:
    ///   - own: the recorded connection that is played.
    ///   - outstanding: requests of this attempt whose answers were not sent whole.
    func take(
        _ digest: MessageDigest, on own: Int, outstanding: [Responder.Outstanding],
        at now: Instant
    ) -> Found? {
        guard let group = group(of: digest) else { return nil }
        if let lost = played[own].unanswered.firstIndex(where: {
            self.group(ofRequest: $0) == group
        }) {
            let request = self[own].unanswered.remove(at: lost)
            return again(request, .kept, at: now)
        }
        skipUsed(own)
        if let next = next(of: own, group) { return first(next, on: own, at: now) }
        func isOpen(_ request: Responder.Outstanding) -> Bool {
            self.group(ofRequest: request.request) == group
        }
        if let struck = outstanding.first(where: { $0.isStruck && isOpen($0) }) {
            return again(struck.request, .kept, at: now)
        }
        if played[own].attempts > 1, let state = sessionState(of: own, group) {
            return again(state, .reused, at: now)
        }
        if let later = later(than: own, group) { return first(later, on: own, at: now) }
        if let unused = firstUnused(of: group) { return first(unused, on: own, at: now) }
        if let first = outstanding.first(where: isOpen) {
            return again(first.request, .kept, at: now)
        }
        return again(latest(of: group), .reused, at: now)
    }

    private func next(of own: Int, _ group: Int32) -> Int? {
        let connection = played[own]
        guard connection.next <= UInt64(connection.requests) else { return nil }
        let request = connection.request(connection.next)
        return self.group(ofRequest: request) == group ? request : nil
    }

    /// A request further behind on the same connection, which the consumer goes on with.
    private func later(than own: Int, _ group: Int32) -> Int? {
        let connection = played[own]
        let end = min(UInt64(connection.requests), connection.next &+ Self.lookahead)
        var message = connection.next
        while message <= end {
            let request = connection.request(message)
            if self.group(ofRequest: request) == group, !isUsed(request) { return request }
            message += 1
        }
        return nil
    }

    /// A handshake or session state of the connection that a consumer says again after a reconnect.
    private func sessionState(of own: Int, _ group: Int32) -> Int? {
        let connection = self.connection(own)
        let end = min(UInt64(played[own].requests), Self.lookahead, played[own].next)
        var message: UInt64 = 1
        while message <= end {
            let request = played[own].request(message)
            if self.group(ofRequest: request) == group, isUsed(request),
                connection.upstream.hasState(message)
            {
                return request
            }
            message += 1
        }
        return nil
    }

    private func first(_ request: Int, on own: Int, at now: Instant) -> Found {
        let place = place(of: request)
        _ = use(request, at: now)
        guard place.played == own else {
            let number = played[place.played].number
            return Found(
                request: request, played: place.played, message: place.message,
                match: .elsewhere(connection: number, message: place.message))
        }
        played(own, goesOnBehind: place.message)
        return Found(request: request, played: own, message: place.message, match: nil)
    }

    private func played(_ own: Int, goesOnBehind message: UInt64) {
        self[own].next = max(played[own].next, message + 1)
    }

    private func again(
        _ request: Int, _ answer: ServingMark.Earlier, at now: Instant
    ) -> Found {
        let place = place(of: request)
        let (times, since) = use(request, at: now)
        return Found(
            request: request, played: place.played, message: place.message,
            match: .again(
                ServingMark.Again(
                    connection: played[place.played].number, message: place.message,
                    answer: answer, times: times, sinceNanoseconds: since)))
    }
}

/// What the recording sent when, and after what.
extension ServiceBook {
    /// The downstream messages that answer a request, rising, as far as they can be played.
    func answers(to message: UInt64, of played: Int) -> [UInt64] {
        let connection = connection(played)
        let last = self.played[played].extent.messages
        if connection.pairsAnswers, !connection.exchange(message).isByTurns {
            return connection.answers(to: message).filter { $0 <= last }
        }
        // By turns: what came before the next request, and not before this one.
        let from = connection.exchange(message).dependsOnBytes
        let to =
            message < connection.upstream.count
            ? connection.exchange(message + 1).dependsOnBytes : .max
        guard from < to else { return [] }
        var number = firstMessage(of: connection.downstream, endingBehind: from)
        var list: [UInt64] = []
        while number <= last, connection.downstream.range(of: number).upperBound <= to {
            list.append(number)
            number += 1
        }
        return list
    }

    /// The next push of a connection from this downstream message on, and how many requests had
    /// come before it in the recording; nil: there is none.
    func push(from first: UInt64, of played: Int) -> (message: UInt64, requests: UInt64)? {
        let connection = connection(played)
        let last = self.played[played].extent.messages
        var message = first
        guard connection.pairsAnswers else {
            // Where nothing is asked for, all that comes first is a greeting.
            guard message <= last, requests(before: message, of: connection) == 0 else {
                return nil
            }
            return (message, 0)
        }
        while message <= last {
            if connection.downstream.isUnsolicited(message) {
                return (message, requests(before: message, of: connection))
            }
            message += 1
        }
        return nil
    }

    /// How many upstream messages were whole before the first byte of a downstream one.
    private func requests(
        before message: UInt64, of connection: TranscriptConnection
    ) -> UInt64 {
        let link = connection.downstream
        let offset = link.range(of: message).lowerBound
        let extent = link.extents[min(link.extentIndex(at: offset), link.extents.count - 1)]
        let bytes = upstreamBytes(before: extent.fileOffset, of: connection)
        // The first that ends behind these bytes is not whole.
        return firstMessage(of: connection.upstream, endingBehind: bytes) - 1
    }

    /// So many bytes had gone upstream before what stands at this place of the file.
    func upstreamBytes(before fileOffset: UInt64, of connection: TranscriptConnection) -> UInt64 {
        let extents = connection.upstream.extents
        var (low, high) = (0, extents.count)
        while low < high {
            let middle = low + (high - low) / 2
            if extents[middle].fileOffset < fileOffset { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? extents[low - 1].offset + UInt64(extents[low - 1].count) : 0
    }

    /// The first message of a link that ends behind an offset; its count plus one where none does.
    private func firstMessage(of link: TranscriptLink, endingBehind offset: UInt64) -> UInt64 {
        var (low, high): (UInt64, UInt64) = (1, link.count + 1)
        while low < high {
            let middle = low + (high - low) / 2
            if link.range(of: middle).upperBound <= offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
