import Recordings

/// Looks at the first bytes of connections for the protocol they speak, and for credentials.
///
/// It is for a word to people, nothing depends on it: each connection's first bytes only, of the
/// first connections only, until both are known.
package struct ProtocolWatch {
    /// So many bytes at the front of a link are looked at: credentials come first.
    static let bytes = 4_096
    /// So many connections are looked at; the clients of a service do not differ much.
    static let connections: UInt32 = 256

    /// What is known of a connection's upstream link.
    private struct Beginning {
        var framer: (any Framer)?
        /// From before the protocol was known.
        var bytes: [UInt8] = []
    }

    private var framing: FramingChoice?
    private var detector: RecordingDetector? = RecordingDetector()
    private var beginnings: [UInt32: Beginning] = [:]
    private var isDone = false

    /// - Parameter framing: what the user says it is; nil: as the first bytes tell.
    init(framing: FramingChoice?) { self.framing = framing }

    /// Whether bytes that begin at this offset of a link are of interest.
    func wants(_ connection: UInt32, _ direction: Direction, at offset: UInt64) -> Bool {
        !isDone && offset < Self.bytes && connection <= Self.connections
            && (direction == .upstream || detector != nil)
    }

    /// Takes a chunk that `wants` asked for, which begins at this offset of its link.
    mutating func see(_ chunk: Event, _ bytes: Span<UInt8>, at offset: UInt64) -> [Notice] {
        let count = min(bytes.count, Self.bytes - Int(clamping: offset))
        let bytes = bytes.extracting(0..<count)
        var notices: [Notice] = []
        if let decision = detect(chunk, bytes) { notices.append(.detected(decision)) }
        if chunk.direction == .upstream, hasCredentials(chunk.connection, bytes) {
            notices.append(.authentication(connection: chunk.connection))
            isDone = true
            beginnings = [:]
        }
        return notices
    }

    /// The protocol, once, when these bytes decide it; where the user named one, only TLS counts.
    private mutating func detect(_ chunk: Event, _ bytes: Span<UInt8>) -> Detection? {
        detector?.receive(chunk, bytes)
        guard let decision = detector?.decision else { return nil }
        detector = nil
        if case .tls = decision {
            isDone = true
            return decision
        }
        guard framing == nil else { return nil }
        if case .framer(let settings, _) = decision { framing = .framer(settings) }
        isDone = framing == nil
        return decision
    }

    private mutating func hasCredentials(_ connection: UInt32, _ bytes: Span<UInt8>) -> Bool {
        guard !isDone else { return false }
        var beginning = beginnings.removeValue(forKey: connection) ?? Beginning()
        guard let framing else {
            for index in bytes.indices { beginning.bytes.append(bytes[index]) }
            beginnings[connection] = beginning
            return false
        }
        var framer = beginning.framer
        if framer == nil { framer = try? framing.makeFramer() }
        guard var framer else { return false }
        if Self.finds(in: beginning.bytes.span, &framer) || Self.finds(in: bytes, &framer) {
            return true
        }
        beginnings[connection] = Beginning(framer: framer)
        return false
    }

    /// Whether a message among these bytes carries credentials.
    private static func finds(in bytes: Span<UInt8>, _ framer: inout any Framer) -> Bool {
        var start = 0
        while start < bytes.count {
            let step = framer.advance(bytes.extracting(start..<bytes.count), .upstream)
            guard case .message(let consumed, let message) = step else { return false }
            if message.carriesCredentials { return true }
            start += consumed
        }
        return false
    }
}
