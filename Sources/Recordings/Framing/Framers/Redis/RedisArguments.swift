/// A bounded summary of the arguments of a command that changes the session.
struct RedisArguments: Sendable {
    /// So many arguments are kept as words.
    static let keptWords = 8
    /// Arguments that are together this short are spelled in a key; others are a hash there.
    static let spelledBytes = 64

    private(set) var words: [ShortWord] = []
    private var current = ShortWord()
    private var count = 0
    private var spelled: [UInt8] = []
    /// Spelled with spaces between them, they could not be told from others.
    private var isAmbiguous = false
    private var isEmptyArgument = true
    private var hash = FNV()

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        if words.count < Self.keptWords { current.append(byte) }
        if spelled.count <= Self.spelledBytes {
            if count > 0 && isEmptyArgument { spelled.append(UInt8(ascii: " ")) }
            spelled.append(byte)
        }
        isEmptyArgument = false
        if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "#") { isAmbiguous = true }
        hash.add(byte)
    }

    mutating func endArgument() {
        if words.count < Self.keptWords { words.append(current) }
        current = ShortWord()
        count += 1
        if isEmptyArgument { isAmbiguous = true }
        isEmptyArgument = true
        // So that `ab c` and `a bc` differ.
        hash.add(count)
    }

    func contains(_ word: ShortWord) -> Bool { words.contains(word) }

    /// `prefix orders bills`, or `prefix #` and a hash where the arguments are long or not plain.
    func key(_ prefix: String) -> String {
        if count == 0 { return prefix }
        if !isAmbiguous, spelled.count <= Self.spelledBytes,
            let text = String(validating: spelled, as: UTF8.self)
        {
            return "\(prefix) \(text)"
        }
        return "\(prefix) #\(String(hash.value, radix: 16))"
    }

    /// FNV-1a, 64 bits.
    private struct FNV: Sendable {
        private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

        @inline(__always)
        mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }

        mutating func add(_ number: Int) {
            value = (value ^ UInt64(truncatingIfNeeded: number) ^ 0xff00) &* 0x100_0000_01b3
        }
    }
}
