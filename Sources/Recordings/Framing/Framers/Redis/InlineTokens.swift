/// Splits an inline command into its arguments, byte by byte, as Redis's `sdssplitargs` does.
struct InlineTokens: Sendable {
    enum Step {
        /// The byte belongs to the argument at hand.
        case byte
        /// An argument ended.
        case tokenEnd
        /// The line ended, and an argument with it, perhaps.
        case lineEnd(endsToken: Bool)
        case nothing
    }

    private enum State: UInt8 { case between, plain, single, double, escape, closed }

    /// Bytes of the line so far.
    private(set) var count = 0
    private var state = State.between

    mutating func take(_ byte: UInt8) -> Step {
        count += 1
        if byte == UInt8(ascii: "\n") { return .lineEnd(endsToken: state != .between) }
        switch (state, byte) {
        case (.between, 0x20), (.between, 0x09...0x0d):
            return .nothing
        case (.plain, 0x20), (.plain, 0x09...0x0d), (.closed, 0x20), (.closed, 0x09...0x0d):
            state = .between
            return .tokenEnd
        case (.between, UInt8(ascii: "\"")), (.plain, UInt8(ascii: "\"")):
            state = .double
            return .nothing
        case (.between, UInt8(ascii: "'")), (.plain, UInt8(ascii: "'")):
            state = .single
            return .nothing
        case (.single, UInt8(ascii: "'")), (.double, UInt8(ascii: "\"")):
            state = .closed
            return .nothing
        case (.double, UInt8(ascii: "\\")):
            state = .escape
            return .nothing
        case (.escape, _):
            state = .double
            return .byte
        case (.between, _), (.closed, _):
            state = .plain
            return .byte
        case (.plain, _), (.single, _), (.double, _):
            return .byte
        }
    }
}
