import Faults
import Recordings

/// A message on its way, cut into pieces: by the chunks it was recorded in, and by what conditions
/// allow.
extension Head {
    /// What can be done for the message now.
    enum Step: Hashable, Sendable {
        case piece(Piece)
        /// Its next bytes are due then.
        case wait(until: Instant)
        /// The recording has no bytes here: a damaged one. The message ends where they do.
        case missing
    }

    /// The next bytes of the message, or when they are due; there are some left.
    /// - Parameter number: the how-many-eth message that is sent on the connection.
    mutating func nextPiece(
        of link: TranscriptLink, _ clock: ReplayClock, _ throttle: inout Throttle, number: UInt64,
        _ now: Instant
    ) -> Step {
        let extents = link.extents
        while extent < extents.count,
            extents[extent].offset + UInt64(extents[extent].count) <= next
        {
            extent += 1
        }
        guard extent < extents.count, extents[extent].offset <= next else {
            end = next
            return .missing
        }
        let chunk = extents[extent]
        var release = release
        if let began {
            release = release.advanced(
                byNanoseconds: clock.nanoseconds(from: began, to: chunk.instant))
        }
        let last = min(chunk.offset + UInt64(chunk.count), end)
        var count = min(Int(last - next), Limits.pieceBytes)
        if !throttle.isIdle {
            let portion = throttle.portion(
                count, at: next, of: throttled, number: number, release: release, now)
            (count, release) = (portion.count, portion.release)
        }
        guard release <= now else { return .wait(until: release) }
        var piece = Piece(
            kind: kind, message: message, copy: copy, place: place,
            offset: kind == .raw ? next : next - start,
            fileOffset: chunk.fileOffset + (next - chunk.offset), count: count,
            isFirst: next == start, isLast: next + UInt64(count) == wholeEnd, release: release,
            due: due, holdNanoseconds: holdNanoseconds, strike: strike, corrupt: corrupt)
        if !throttle.isIdle { piece.isAlone = throttle.passed(count, at: next, of: throttled, now) }
        next += UInt64(count)
        return .piece(piece)
    }
}
