import Recordings

/// The handshake and the session state that the client of one live connection has sent, as far as
/// a framer tells them: what a copy on a connection of its own is preceded by.
struct SessionStates {
    /// More than this is not kept. Such a session's copies cannot have connections of their own.
    static let mostBytes = 64 << 10

    private var kept: [(key: String, offset: UInt64, part: LiveRedelivery.Part)] = []
    private var count = 0
    /// Why the session cannot be begun anew elsewhere; nil: it can.
    private(set) var reason: String?

    /// A message was sent on. A later one of the same key stands in place of the earlier.
    /// - Parameters:
    ///   - offset: where it begins on its link.
    ///   - bytes: the message; nil where its front is not held any more.
    mutating func take(_ message: Message, at offset: UInt64, _ bytes: () -> [UInt8]?) {
        guard let state = message.state, reason == nil else { return }
        if state.answersChallenge {
            return giveUp("its handshake answers a challenge, which is another one each time")
        }
        if let index = kept.firstIndex(where: { $0.key == state.key }) {
            count -= kept.remove(at: index).part.bytes.count
        }
        guard let bytes = bytes(), bytes.count <= Self.mostBytes - count else {
            return giveUp("its session state is longer than \(Self.mostBytes >> 10) KiB")
        }
        count += bytes.count
        kept.append((state.key, offset, LiveRedelivery.Part(message: message.number, bytes: bytes)))
    }

    private mutating func giveUp(_ reason: String) {
        self.reason = reason
        kept = []
        count = 0
    }

    /// In the order in which they were sent, those that begin before this byte of the link.
    func parts(before offset: UInt64) -> [LiveRedelivery.Part] {
        kept.filter { $0.offset < offset }.map(\.part)
    }
}
