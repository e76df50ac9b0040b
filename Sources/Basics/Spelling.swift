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

    /// Levenshtein's distance: insertions, deletions and substitutions that turn one into the other.
    static func distance(_ a: String, _ b: String) -> Int {
        let b = Array(b)
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let substituted = diagonal + (x == y ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[b.count]
    }
}
