import Recordings

/// Copies of a live message, or group, that are to come on connections of their own, as a broker's
/// do: beside the original's, which lives on.
package struct LiveRedelivery: Hashable, Sendable {
    /// Its outcome is the engine's to tell.
    package var strike: LiveStrike
    package var copies: UInt16
    /// Each comes so long behind the one before, the first behind the original.
    package var afterNanoseconds: Int64
    /// Which server it is for, from 0.
    package var route: Int
    /// What makes the session what it was, in order.
    package var states: [Part]
    package var copy: Part
    var framing: FramingChoice
    var units: MessageUnits

    /// A message, or a group from its first one on.
    package struct Part: Hashable, Sendable {
        package var message: UInt64
        package var bytes: [UInt8]
    }

    /// Bytes that wait with it.
    package var bytes: Int { states.reduce(copy.bytes.count) { $0 + $1.bytes.count } }
}

extension Injector {
    /// Session state is sent on.
    mutating func keep(_ unit: LiveUnit) {
        let held = links.upstream.held
        states.take(unit.placed.message, at: unit.range.lowerBound) {
            guard unit.range.lowerBound >= held.offset,
                unit.range.count <= SessionStates.mostBytes
            else { return nil }
            return held.withBytes(unit.range) { span in span.indices.map { span[$0] } }
        }
    }

    /// Copies are to come on connections of their own, once this original was sent.
    mutating func redeliver(
        _ open: LiveLink.OpenGroup, _ last: LiveUnit, copies: UInt16, afterNanoseconds: Int64
    ) {
        let range = open.start..<last.range.upperBound
        guard let choice = framing.choice, range.count <= Self.mostCopiesBytes else {
            return tell(
                open.struck.strike, .skipped,
                "the group is longer than \(Self.mostCopiesBytes >> 20) MiB")
        }
        if let reason = states.reason { return tell(open.struck.strike, .skipped, reason) }
        let bytes = links.upstream.held.withBytes(range) { span in span.indices.map { span[$0] } }
        let copy = LiveRedelivery.Part(message: open.first, bytes: bytes)
        let redelivery = LiveRedelivery(
            strike: open.struck.strike, copies: copies, afterNanoseconds: max(0, afterNanoseconds),
            route: route, states: states.parts(before: open.start), copy: copy, framing: choice,
            units: rules.units)
        act(.redeliver(.upstream, redelivery, due: links.upstream.lastDue))
    }
}
