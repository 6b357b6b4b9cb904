/// Bytes that wait in order: first in, first out.
package struct ByteQueue {
    private var bytes: [UInt8] = []
    private var start = 0

    package init() {}

    package var count: Int { bytes.count - start }
    package var isEmpty: Bool { count == 0 }

    package mutating func append(_ more: [UInt8]) {
        bytes.append(contentsOf: more)
    }

    /// Takes the first so many bytes, which are there.
    package mutating func removeFirst(_ amount: Int) -> ArraySlice<UInt8> {
        let taken = bytes[start..<(start + amount)]
        start += amount
        if start == bytes.count {
            bytes = []
            start = 0
        } else if start > 65_536, start > bytes.count / 2 {
            bytes.removeFirst(start)
            start = 0
        }
        return taken
    }

    package mutating func removeAll() {
        bytes = []
        start = 0
    }
}
