/// Finds which protocol a recording holds, from the first bytes of its first connections.
package struct RecordingDetector: Sendable {
    /// When none of so many connections could be told, the protocol is unknown.
    package static let connections = 16

    private struct Beginning: Sendable {
        var upstream: [UInt8] = []
        var downstream: [UInt8] = []
        var detection = Detection.undecided
    }

    private var beginnings: [UInt32: Beginning] = [:]
    private var unknown: Detection?

    /// What was found; nil as long as more events may tell.
    package private(set) var decision: Detection?

    package init() {}

    /// Takes the next event, with the bytes beside it.
    package mutating func receive(_ event: Event, _ bytes: Span<UInt8>) {
        guard decision == nil, let direction = event.direction else { return }
        switch event.fact {
        case .chunk: break
        case .sent(let sent) where sent.source == .literal: break
        default: return
        }
        guard beginnings[event.connection] != nil || beginnings.count < Self.connections else {
            return
        }
        var beginning = beginnings[event.connection] ?? Beginning()
        guard beginning.detection == .undecided else { return }
        if direction == .upstream {
            Self.add(bytes, to: &beginning.upstream)
        } else {
            Self.add(bytes, to: &beginning.downstream)
        }
        beginning.detection = Framers.detect(
            upstream: beginning.upstream.span, downstream: beginning.downstream.span)
        decide(by: beginning.detection)
        beginnings[event.connection] = beginning
    }

    /// The decision when there are no more events.
    package func finish() -> Detection { decision ?? unknown ?? .undecided }

    private mutating func decide(by detection: Detection) {
        switch detection {
        case .undecided: return
        case .framer, .notYet, .tls: decision = detection
        case .unknown:
            unknown = unknown ?? detection
            let isTold = beginnings.values.filter { $0.detection != .undecided }.count
            if isTold + 1 >= Self.connections { decision = unknown }
        }
    }

    private static func add(_ bytes: Span<UInt8>, to kept: inout [UInt8]) {
        let room = Framers.detectionBytes - kept.count
        for index in 0..<min(room, bytes.count) { kept.append(bytes[index]) }
    }
}
