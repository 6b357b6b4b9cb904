/// Finds the values that a path names in a JSON text, which may be cut short or not be JSON at all:
/// it goes on as far as the text makes sense.
extension JSONPath {
    /// Values deeper than this are not looked for.
    static let maximumDepth = 64

    /// The ranges of bytes of the values that it names, in order, apart.
    func matches(in bytes: Span<UInt8>, _ body: (Range<Int>) -> Void) {
        var start = 0
        while start < bytes.count, bytes[start] != UInt8(ascii: "{"),
            bytes[start] != UInt8(ascii: "[")
        {
            start += 1
        }
        guard start < bytes.count else { return }
        var scan = JSONScan(place: start)
        _ = scan.value(bytes, steps[...], depth: 0, body)
    }
}

/// One pass over a text; `place` is the byte that comes next.
private struct JSONScan {
    var place: Int

    /// Reads a value. `steps` is what of the path is left; nil: it is on no path.
    /// - Returns: false where the text makes no sense any more.
    mutating func value(
        _ bytes: Span<UInt8>, _ steps: ArraySlice<JSONPath.Step>?, depth: Int,
        _ body: (Range<Int>) -> Void
    ) -> Bool {
        skipSpace(bytes)
        guard place < bytes.count, depth < JSONPath.maximumDepth else { return false }
        let start = place
        let isNamed = steps?.isEmpty ?? false
        let inner = isNamed ? nil : steps
        let isWhole: Bool
        switch bytes[place] {
        case UInt8(ascii: "{"): isWhole = object(bytes, inner, depth: depth, body)
        case UInt8(ascii: "["): isWhole = array(bytes, inner, depth: depth, body)
        case UInt8(ascii: "\""): isWhole = string(bytes) != nil
        default: isWhole = word(bytes)
        }
        if isNamed, place > start { body(start..<place) }
        return isWhole
    }

    private mutating func object(
        _ bytes: Span<UInt8>, _ steps: ArraySlice<JSONPath.Step>?, depth: Int,
        _ body: (Range<Int>) -> Void
    ) -> Bool {
        place += 1
        skipSpace(bytes)
        if takes(UInt8(ascii: "}"), bytes) { return true }
        while true {
            skipSpace(bytes)
            guard place < bytes.count, bytes[place] == UInt8(ascii: "\""), let name = string(bytes)
            else { return false }
            skipSpace(bytes)
            guard takes(UInt8(ascii: ":"), bytes) else { return false }
            var rest: ArraySlice<JSONPath.Step>?
            switch steps?.first {
            case .anyMember: rest = steps?.dropFirst()
            case .member(let wanted) where Self.isSame(wanted, bytes, name):
                rest = steps?.dropFirst()
            default: break
            }
            guard value(bytes, rest, depth: depth + 1, body) else { return false }
            skipSpace(bytes)
            if takes(UInt8(ascii: "}"), bytes) { return true }
            guard takes(UInt8(ascii: ","), bytes) else { return false }
        }
    }

    private mutating func array(
        _ bytes: Span<UInt8>, _ steps: ArraySlice<JSONPath.Step>?, depth: Int,
        _ body: (Range<Int>) -> Void
    ) -> Bool {
        place += 1
        skipSpace(bytes)
        if takes(UInt8(ascii: "]"), bytes) { return true }
        var index: UInt64 = 0
        while true {
            var rest: ArraySlice<JSONPath.Step>?
            switch steps?.first {
            case .anyElement: rest = steps?.dropFirst()
            case .element(let wanted) where wanted == index: rest = steps?.dropFirst()
            default: break
            }
            guard value(bytes, rest, depth: depth + 1, body) else { return false }
            skipSpace(bytes)
            if takes(UInt8(ascii: "]"), bytes) { return true }
            guard takes(UInt8(ascii: ","), bytes) else { return false }
            index += 1
        }
    }

    /// The range between the quotes; escapes are passed over, not read.
    private mutating func string(_ bytes: Span<UInt8>) -> Range<Int>? {
        place += 1
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
            place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard place < bytes.count else {
            place = bytes.count
            return nil
        }
        place += 1
        return start..<(place - 1)
    }

    /// A number, `true`, `false` or `null`: what stands until something ends it.
    private mutating func word(_ bytes: Span<UInt8>) -> Bool {
        let start = place
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "+"),
                UInt8(ascii: "-"):
                place += 1
            default: return place > start
            }
        }
        return place > start
    }

    private mutating func takes(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard place < bytes.count, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while place < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[place]) { place += 1 }
    }

    private static func isSame(_ name: [UInt8], _ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard name.count == range.count else { return false }
        for index in name.indices where name[index] != bytes[range.lowerBound + index] {
            return false
        }
        return true
    }
}
