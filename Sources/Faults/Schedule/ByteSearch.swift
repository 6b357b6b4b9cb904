/// Looks for bytes in what comes piece by piece, in linear time and without keeping any of it
/// (Knuth, Morris, Pratt 1977).
struct ByteSearch: Sendable {
    private let pattern: [UInt8]
    /// For each prefix, the longest shorter prefix that it ends with.
    private let fallback: [Int]

    /// - Parameter pattern: at least one byte.
    init(_ pattern: [UInt8]) {
        precondition(!pattern.isEmpty, "a search for nothing")
        var fallback = [0]
        for index in pattern.indices.dropFirst() {
            var length = fallback[index - 1]
            while length > 0, pattern[length] != pattern[index] { length = fallback[length - 1] }
            fallback.append(pattern[length] == pattern[index] ? length + 1 : 0)
        }
        self.pattern = pattern
        self.fallback = fallback
    }

    /// How far a search has come: so many bytes of the pattern stand at the end of what came.
    struct Progress: Hashable, Sendable {
        fileprivate var length = 0
        var isFound = false
    }

    func feed(_ bytes: Span<UInt8>, _ progress: inout Progress) {
        guard !progress.isFound else { return }
        var length = progress.length
        for index in 0..<bytes.count {
            let byte = bytes[index]
            while length > 0, pattern[length] != byte { length = fallback[length - 1] }
            if pattern[length] == byte { length += 1 }
            if length == pattern.count {
                progress.isFound = true
                return
            }
        }
        progress.length = length
    }
}
