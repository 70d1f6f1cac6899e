/// How many letters must be put in, left out, changed or swapped with a neighbour to make one word of another.
package func editDistance(_ a: String, _ b: String) -> Int {
    let a = Array(a.lowercased())
    let b = Array(b.lowercased())
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in 1...a.count {
        var row = [i]
        row.reserveCapacity(b.count + 1)
        for j in 1...b.count {
            var cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { cost = min(cost, beforeLast[j - 2] + 1) }
            row.append(cost)
        }
        beforeLast = last
        last = row
    }
    return last[b.count]
}

/// The word that was probably meant, if any is near enough: a third of its letters may be wrong, or all beyond a
/// beginning of three letters that no other word has.
package func closest(to word: String, among candidates: some Sequence<String>) -> String? {
    let candidates = Array(candidates)
    let near = candidates.map { (name: $0, distance: editDistance(word, $0)) }.min { $0.distance < $1.distance }
    if let near, near.distance <= max(1, max(word.count, near.name.count) / 3), near.distance < near.name.count {
        return near.name
    }
    let begun = candidates.filter { word.count >= 3 && $0.lowercased().hasPrefix(word.lowercased()) }
    return begun.count == 1 ? begun[0] : nil
}
