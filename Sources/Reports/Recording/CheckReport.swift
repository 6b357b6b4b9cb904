import Recordings
import Text

/// What `weir check` found, for people and for machines.
package struct CheckReport: Sendable {
    package static let version = 1

    private let path: String
    private let state: RecordingState
    private let check: RecordingCheck
    private let repaired: String?

    /// - Parameter repaired: the new recording that holds what can be read.
    package init(path: String, state: RecordingState, check: RecordingCheck, repaired: String?) {
        self.path = path
        self.state = state
        self.check = check
        self.repaired = repaired
    }

    /// Something is damaged or missing. That a recording goes on is no damage.
    package var hasHoles: Bool { state == .cut || check.gaps > 0 || damageCount > 0 }

    private var damages: [Damage] {
        guard state == .beingWritten else { return check.damages }
        return check.damages.filter { $0.kind != .notEnded && $0.kind != .tornTail }
    }

    private var damageCount: UInt64 {
        check.notes.damageCount - UInt64(check.damages.count - damages.count)
    }

    package var text: String {
        let notes = check.notes
        var lines = [headline(notes)]
        lines += damages.map { "  \($0)" }
        if damageCount > damages.count {
            let rest = damageCount - UInt64(damages.count)
            lines.append("  … and \(rest.counted("more damage"))")
        }
        if check.gaps > 0 {
            let bytes =
                check.missingBytes > 0
                ? "\(ByteCount(bytes: check.missingBytes).forPeople) are missing"
                : "nobody knows how many bytes are missing"
            lines.append(
                "  \(check.gaps.counted("gap")): \(bytes); weir show --messages names each")
        }
        if notes.unknownBlocks + notes.unknownEvents > 0 {
            lines.append(
                "  \(notes.unknownBlocks.counted("block")) and "
                    + "\(notes.unknownEvents.counted("event")) of a newer kind were skipped")
        }
        if let repaired {
            lines.append("  what can be read is in \(EscapedText(repaired))")
        } else if damageCount > 0 {
            lines.append("  keep what can be read: weir check FILE --repair NEW")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func headline(_ notes: ReadingNotes) -> String {
        let verdict =
            switch (state, hasHoles) {
            case (.beingWritten, false): "still being written, and whole up to now"
            case (.beingWritten, true): "still being written, and not whole"
            case (_, false): "whole"
            case (.cut, true): "cut: its recorder was stopped before it could end it"
            case (.ended, true): "not whole"
            }
        return "\(EscapedText(path)): \(verdict); \(notes.events.counted("event")) in "
            + notes.blocks.counted("block")
    }

    /// One object, with its line's end.
    package var json: String {
        JSONWriter.document(version: Self.version) { object in
            object.member("file", path)
            object.member("state", state.rawValue)
            object.member("whole", !hasHoles)
            object.member("blocks", check.notes.blocks)
            object.member("events", check.notes.events)
            object.member("unknown_blocks", check.notes.unknownBlocks)
            object.member("unknown_events", check.notes.unknownEvents)
            object.member("gaps", check.gaps)
            object.member("missing_bytes", check.missingBytes)
            object.member("damage_count", damageCount)
            object.member("damages", objects: damages, write)
            object.member("repaired", repaired)
        }
    }

    private func write(_ damage: Damage, to object: inout JSONWriter) {
        object.member("offset", damage.offset)
        object.member("length", damage.length)
        object.member("events_lost", damage.events)
        object.member("loses_events", damage.losesEvents)
        object.member("text", "\(damage)")
    }
}
