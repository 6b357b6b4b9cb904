/// The known name that a mistyped one most likely meant; nil where none is near.
///
/// Near is a third of its letters left out, put in, replaced or changed with their neighbour, not
/// counting capitals. Of two that are as near, the earlier.
package func nearest(_ name: String, among names: [String]) -> String? {
    let wanted = Array(name.lowercased().unicodeScalars.prefix(longestNearName + 1))
    guard !wanted.isEmpty, wanted.count <= longestNearName else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in names {
        let letters = Array(candidate.lowercased().unicodeScalars)
        guard letters.count <= longestNearName else { continue }
        let limit = max(1, max(wanted.count, letters.count) / 3)
        guard abs(letters.count - wanted.count) <= limit else { continue }
        let distance = editDistance(wanted, letters)
        // One letter for another is not a mistyped name but another one.
        guard distance <= limit, distance < max(wanted.count, letters.count) else { continue }
        if distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
}

/// Longer names are not compared: the work grows with the square.
private let longestNearName = 64

/// Damerau's distance in its restricted form: no letter is changed twice.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            var best = min(row[j], last[j + 1]) + 1
            best = min(best, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                best = min(best, beforeLast[j - 1] + 1)
            }
            row.append(best)
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}
