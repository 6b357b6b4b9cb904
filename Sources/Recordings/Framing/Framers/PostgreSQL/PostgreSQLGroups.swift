/// Which of a client's messages belong together: those up to a Sync, and a COPY with its data.
struct PostgreSQLGroups: Sendable {
    private var open: (first: UInt64, isCopy: Bool)?

    /// Puts a message in the open group, or opens or ends one with it.
    /// - Parameter takesCopyData: it is a query that data follow.
    mutating func join(_ message: inout Message, type: UInt8, takesCopyData: Bool) {
        switch type {
        case UInt8(ascii: "P"), UInt8(ascii: "B"), UInt8(ascii: "D"), UInt8(ascii: "C"),
            UInt8(ascii: "E"), UInt8(ascii: "H"):
            if open?.isCopy ?? true { open = (message.number, false) }
            message.group = open?.first
        case UInt8(ascii: "S"):
            if let open, !open.isCopy {
                message.group = open.first
                message.endsGroup = true
            }
            open = nil
        case UInt8(ascii: "d"), UInt8(ascii: "c"), UInt8(ascii: "f"):
            joinCopy(&message, isData: type == UInt8(ascii: "d"))
        default:
            open = takesCopyData ? (message.number, true) : nil
            message.group = open?.first
        }
    }

    private mutating func joinCopy(_ message: inout Message, isData: Bool) {
        if open == nil && isData { open = (message.number, true) }
        message.group = open?.first
        guard !isData, let group = open, group.isCopy else { return }
        message.endsGroup = true
        open = nil
    }
}
