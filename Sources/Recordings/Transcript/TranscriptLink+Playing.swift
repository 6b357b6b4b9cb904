/// What a replay asks of every message: each is answered without looking up a name.
extension TranscriptLink {
    /// Where a message's bytes lie on the link.
    package func range(of number: UInt64) -> Range<UInt64> {
        let record = records[Int(number) - 1]
        return record.offset..<(record.offset + record.length)
    }

    /// When a message's first byte arrived.
    package func began(_ number: UInt64) -> Instant {
        Instant(nanoseconds: records[Int(number) - 1].began)
    }

    /// When a message's last byte arrived.
    package func ended(_ number: UInt64) -> Instant {
        Instant(nanoseconds: records[Int(number) - 1].ended)
    }

    /// Whether it is a handshake or session state.
    package func hasState(_ number: UInt64) -> Bool { records[Int(number) - 1].key != 0 }

    /// Whether nobody asked for it: a greeting, a push.
    package func isUnsolicited(_ number: UInt64) -> Bool {
        let record = records[Int(number) - 1]
        return !record.flags.contains(.request) && record.other == 0
    }

    /// Whether it belongs to a group that another message began.
    package func continuesGroup(_ number: UInt64) -> Bool {
        let group = records[Int(number) - 1].group
        return group != 0 && UInt64(group) != number
    }

    /// Where the messages end: what lies behind it is no message.
    package var messagesEnd: UInt64 { records.last.map { $0.offset + $0.length } ?? 0 }

    /// The index in `extents` of the first one that ends behind this offset.
    package func extentIndex(at offset: UInt64) -> Int {
        var (low, high) = (0, extents.count)
        while low < high {
            let middle = low + (high - low) / 2
            if extents[middle].offset + UInt64(extents[middle].count) <= offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
