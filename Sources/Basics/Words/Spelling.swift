// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds the known word nearest to a misspelt one.
public enum Spelling {
    /// The word with the smallest edit distance, if at most a third of its letters differ.
    public static func nearest(to word: String, among words: [String]) -> String? {
        // Nobody misspells a word to so many letters; the distance takes their product.
        guard word.utf8.count <= 64 else { return nil }
        let ranked = words.map { (word: $0, distance: distance(word, $0)) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, best.word.count / 3) ? best.word : nil
    }

    /// `did you mean WORD?`; nil when no word is near.
    public static func hint(for word: String, among words: [String]) -> String? {
        nearest(to: word, among: words).map { "did you mean \($0)?" }
    }

    /// Insertions, deletions, substitutions and swaps of neighbours that turn one into the other, no
    /// letter touched twice.
    ///
    /// Source: Damerau, Communications of the ACM 7 (1964), 171.
    static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a), Array(b))
        var before: [Int] = []
        var row = Array(0...b.count)
        for i in a.indices {
            var next = [i + 1]
            for j in b.indices {
                let substituted = row[j] + (a[i] == b[j] ? 0 : 1)
                var least = min(substituted, row[j + 1] + 1, next[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    least = min(least, before[j - 1] + 1)
                }
                next.append(least)
            }
            (before, row) = (row, next)
        }
        return row[b.count]
    }
}
