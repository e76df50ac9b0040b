// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Statistics

/// Which cells are shown: terms such as `cell:pipe/*`, `verdict:regressed,invalid` or
/// `-pressure:none`, all of which hold.
package struct ResultFilter: Sendable {
    private struct Term: Sendable {
        var key: ResultKey
        /// One of them fits.
        var patterns: [Glob]
        /// Whether the term holds for what does not fit.
        var isNegated: Bool
    }

    private static let option = "--filter"
    private let text: String
    private var terms: [Term] = []

    /// Reads the option's values; terms are separated by blanks, and text in double quotes is taken
    /// as it is.
    ///
    /// - Throws: `usage` for a term that is not `KEY:VALUE`, a key that does not exist, and a
    ///   verdict that does not exist.
    package init(_ options: [String]) throws(PlumblineError) {
        text = options.joined(separator: " ")
        for word in Self.split(text, at: \.isWhitespace) {
            let isNegated = word.text.isLikeOption
            let term = isNegated ? word.text.dropFirst() : word.text[...]
            guard let colon = term.firstIndex(of: ":"), term.index(after: colon) < term.endIndex
            else {
                throw .usage(
                    "\(Self.option): '\(word.text)' is not KEY:VALUE",
                    remedy: "for example \(Self.option) 'cell:pipe/* -verdict:equivalent'")
            }
            let key = try ResultKey(String(term[..<colon]), option: Self.option)
            let values = Self.split(word.raw.drop { $0 != ":" }.dropFirst()) { $0 == "," }
            if key == .verdict { try Self.check(values.map(\.text)) }
            terms.append(
                Term(key: key, patterns: values.map { Glob($0.text) }, isNegated: isNegated))
        }
    }

    /// Whether every cell is shown.
    package var isEmpty: Bool { terms.isEmpty }

    /// Whether a cell is shown.
    func matches(_ facts: ResultFacts) -> Bool {
        terms.allSatisfy { term in
            let names = facts.names(term.key)
            return term.isNegated
                != term.patterns.contains { pattern in names.contains(where: pattern.matches) }
        }
    }

    /// What is said where no cell is left.
    package var nothingLeft: PlumblineError {
        .usage(
            "\(Self.option) '\(text)' fits no cell",
            remedy: "`plumbline report` without it shows all cells")
    }

    private static func check(_ words: [String]) throws(PlumblineError) {
        let known = Verdict.Outcome.allCases.map(\.rawValue)
        for word in words where !known.contains(where: Glob(word).matches) {
            throw .unknown("verdict of \(option)", word, among: known)
        }
    }

    /// The parts between separators that are not in double quotes, with the quotes and without.
    private static func split(
        _ text: some StringProtocol, at isSeparator: (Character) -> Bool
    ) -> [(raw: String, text: String)] {
        var parts: [(raw: String, text: String)] = []
        var isOpen = false
        var isQuoted = false
        for character in text {
            if isSeparator(character), !isQuoted {
                isOpen = false
                continue
            }
            if !isOpen { parts.append(("", "")) }
            isOpen = true
            parts[parts.count - 1].raw.append(character)
            if character == "\"" {
                isQuoted.toggle()
            } else {
                parts[parts.count - 1].text.append(character)
            }
        }
        return parts
    }
}
