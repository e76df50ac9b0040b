// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Statistics

/// Which cells are shown: terms such as `cell:pipe/*`, `verdict:regressed,invalid` or
/// `-pressure:none`, all of which hold.
package struct ResultFilter: Sendable {
    private struct Term: Sendable {
        var key: ResultKey
        /// One of them fits; they may have wildcards.
        var values: [String]
        /// Whether the term holds for what does not fit.
        var isNegated: Bool

        /// Whether the term holds for a cell with such names.
        func holds(for names: [String]) -> Bool {
            isNegated != values.map(Glob.init).contains { names.contains(where: $0.matches) }
        }
    }

    private static let option = "--filter"
    private let text: String
    private var terms: [Term] = []

    /// Reads the option's values; terms are separated by blanks, and text in double quotes is taken
    /// as it is.
    ///
    /// - Throws: `usage` for a term that is not `KEY:VALUE`, a quote that is not closed, an empty
    ///   value, a key that does not exist, and a verdict that does not exist.
    package init(_ options: [String]) throws(PlumblineError) {
        text = options.joined(separator: " ")
        for option in options {
            for word in try Self.split(option, at: \.isWhitespace) where !word.raw.isEmpty {
                terms.append(try Self.term(word))
            }
        }
    }

    private static func term(_ word: (raw: String, text: String)) throws(PlumblineError) -> Term {
        let isNegated = word.text.isLikeOption
        let term = isNegated ? word.text.dropFirst() : word.text[...]
        guard let colon = term.firstIndex(of: ":"), term.index(after: colon) < term.endIndex
        else {
            throw .usage(
                "\(option): '\(word.raw)' is not KEY:VALUE",
                remedy: "for example \(option) 'cell:pipe/* -verdict:equivalent'")
        }
        let key = try ResultKey(String(term[..<colon]), option: option)
        let values = try split(word.raw.drop { $0 != ":" }.dropFirst()) { $0 == "," }.map(\.text)
        if let place = values.firstIndex(of: "") {
            throw .usage(
                "\(option): value \(place + 1) of '\(word.raw)' is empty",
                remedy: "write values between commas, such as \(key.rawValue):a,b; * is any value")
        }
        if key == .verdict { try check(values) }
        return Term(key: key, values: values, isNegated: isNegated)
    }

    /// Whether every cell is shown.
    package var isEmpty: Bool { terms.isEmpty }

    /// Whether a cell is shown.
    func matches(_ facts: ResultFacts) -> Bool {
        terms.allSatisfy { $0.holds(for: facts.names($0.key)) }
    }

    private static func check(_ words: [String]) throws(PlumblineError) {
        let known = Verdict.Outcome.allCases.map(\.rawValue)
        for word in words where !known.contains(where: Glob(word).matches) {
            throw .unknown("verdict of \(option)", word, among: known)
        }
    }

    /// The parts between separators that are not in double quotes, empty ones too, with the quotes
    /// and without.
    ///
    /// - Throws: `usage` for a quote that is not closed.
    private static func split(
        _ text: some StringProtocol, at isSeparator: (Character) -> Bool
    ) throws(PlumblineError) -> [(raw: String, text: String)] {
        var parts: [(raw: String, text: String)] = [("", "")]
        var isQuoted = false
        for character in text {
            if isSeparator(character), !isQuoted {
                parts.append(("", ""))
                continue
            }
            parts[parts.count - 1].raw.append(character)
            if character == "\"" {
                isQuoted.toggle()
            } else {
                parts[parts.count - 1].text.append(character)
            }
        }
        guard !isQuoted else {
            throw .usage(
                "\(option): a double quote in '\(parts[parts.count - 1].raw)' is not closed",
                remedy: "for example \(option) 'cell:\"a b\"'")
        }
        return parts
    }
}

extension ResultFilter {
    /// What is said where no cell is left: what there is, and what is near to a value that fits
    /// nothing.
    ///
    /// - Parameter cells: all cells of all journals.
    func nothingLeft(of cells: [ResultFacts]) -> PlumblineError {
        func names(_ key: ResultKey) -> [String] { cells.flatMap { $0.names(key) } }
        func list(_ key: ResultKey) -> String {
            var seen: Set<String> = []
            return cells.map { $0.value(key) }.filter { seen.insert($0).inserted }
                .shortList(of: 8)
        }
        let useless = terms.first { term in
            !term.isNegated && !term.holds(for: names(term.key))
        }
        let keys = ResultKey.allCases.map(\.rawValue).joined(separator: ", ")
        guard let useless else {
            return .usage(
                "\(Self.option) '\(text)' fits no cell: none fits all of its terms",
                remedy: "give fewer terms; cells: \(list(.cell)); keys: \(keys)")
        }
        let near = useless.values.lazy.compactMap {
            Self.nearest(to: $0, among: names(useless.key))
        }.first
        let hint = near.map { " (did you mean \(useless.key.rawValue):\(Self.quoted($0))?)" } ?? ""
        return .usage(
            "\(Self.option) '\(text)' fits no cell: there is no \(useless.key.rawValue) "
                + "'\(useless.values.joined(separator: ","))'\(hint)",
            remedy:
                "each \(useless.key.rawValue) that there is: \(list(useless.key)); keys: \(keys)")
    }

    /// The name nearest to a value; of a value with wildcards the nearest way in which names begin.
    private static func nearest(to value: String, among names: [String]) -> String? {
        let stem = String(value.prefix { !"*?[".contains($0) })
        guard stem != value else { return Spelling.nearest(to: value, among: names) }
        let starts = names.flatMap { name in
            name.indices.filter { "/ ".contains(name[$0]) }.map { String(name[...$0]) } + [name]
        }
        return Spelling.nearest(to: stem, among: starts).map { $0 + "*" }
    }

    /// A value as a term has it.
    private static func quoted(_ value: String) -> String {
        value.contains { $0.isWhitespace || $0 == "," } ? "\"\(value)\"" : value
    }
}
