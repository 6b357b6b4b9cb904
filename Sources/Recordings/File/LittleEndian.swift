/// Integers and texts as they lie in a recording: little-endian, not aligned.
extension MutableSpan where Element == UInt8 {
    /// Writes an integer and moves `offset` behind it.
    mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(
        _ value: Value, at offset: inout Int
    ) {
        // Checked against the span's bounds.
        var raw = unsafe mutableBytes
        raw.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
        offset += MemoryLayout<Value>.size
    }

    /// Writes a text behind its length (UInt16): at most `EventLayout.maximumTextBytes` of it.
    mutating func store(_ text: String, at offset: inout Int) {
        let text = EventLayout.fitting(text)
        store(UInt16(clamping: text.utf8.count), at: &offset)
        for byte in text.utf8 {
            self[offset] = byte
            offset += 1
        }
    }

    /// Copies bytes and moves `offset` behind them.
    mutating func store(_ bytes: Span<UInt8>, at offset: inout Int) {
        let count = bytes.count
        precondition(offset >= 0 && count <= self.count - offset, "bytes were stored past the end")
        // Both ranges lie inside their spans, as was just made sure; a span being written overlaps
        // no other.
        unsafe withUnsafeMutableBytes { target in
            unsafe bytes.withUnsafeBytes { source in
                guard let base = target.baseAddress, let from = source.baseAddress
                else { return }
                unsafe (base + offset).copyMemory(from: from, byteCount: count)
            }
        }
        offset += count
    }

    /// Writes zeros.
    mutating func storeZeros(_ range: Range<Int>) {
        for index in range { self[index] = 0 }
    }
}

extension Span where Element == UInt8 {
    /// The integer at `offset`; the caller has made sure that its bytes are there.
    func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int, as type: Value.Type = Value.self
    ) -> Value {
        // Checked against the span's bounds, and any bits are an integer.
        Value(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }
}

/// Reads fields one after another from bytes that may be wrong: nil when they end too early.
struct FieldCursor {
    private(set) var offset: Int
    private let end: Int

    /// - Parameter range: inside the bytes that are handed in with each call.
    init(_ range: Range<Int>) {
        offset = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { offset == end }

    mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: Span<UInt8>, _ type: Value.Type = Value.self
    ) -> Value? {
        guard end - offset >= MemoryLayout<Value>.size else { return nil }
        defer { offset += MemoryLayout<Value>.size }
        return bytes.integer(at: offset, as: type)
    }

    /// A text behind its length (UInt16), if it is UTF-8.
    mutating func text(_ bytes: Span<UInt8>) -> String? {
        guard let count = integer(bytes, UInt16.self), let range = take(Int(count)),
            let text = try? UTF8Span(validating: bytes.extracting(range))
        else { return nil }
        return String(copying: text)
    }

    /// Where the next `count` bytes lie.
    mutating func take(_ count: Int) -> Range<Int>? {
        guard count <= end - offset else { return nil }
        defer { offset += count }
        return offset..<(offset + count)
    }
}
