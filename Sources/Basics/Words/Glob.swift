// SPDX-License-Identifier: GPL-3.0-or-later

/// A pattern with `*` (anything, slashes too), `?` (one character) and `[abc]`.
public struct Glob: Sendable, Equatable {
    private let pattern: [Character]

    /// A pattern for the whole of a text.
    public init(_ pattern: String) { self.pattern = Array(pattern) }

    /// Whether the pattern fits the whole text.
    public func matches(_ text: String) -> Bool {
        let text = Array(text)
        var p = 0
        var t = 0
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == "*" {
                star = (p, t)
                p += 1
            } else if let next = step(p, text[t]) {
                p = next
                t += 1
            } else if let last = star {
                p = last.pattern + 1
                t = last.text + 1
                star = (last.pattern, t)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }

    /// Where the pattern goes on after one character, if it fits.
    private func step(_ p: Int, _ character: Character) -> Int? {
        guard p < pattern.count else { return nil }
        if pattern[p] == "[", let end = pattern[(p + 1)...].firstIndex(of: "]") {
            return pattern[(p + 1)..<end].contains(character) ? end + 1 : nil
        }
        return pattern[p] == "?" || pattern[p] == character ? p + 1 : nil
    }
}
