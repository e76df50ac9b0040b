// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A kernel by name: a version, and our changes added to it or taken out.
///
/// `6.12`, `6.12+pipe-prealloc+dio-cache`, `7.2-pipe-prealloc`. A change that the version has itself
/// gets its switch when it is added. Equal sets of changes have equal
/// names, in whatever order they are given. `+full` adds what only some guests need: NUMA nodes and
/// XFS. `+slubstats` counts what the slab allocator does. `+debug` is the flavour with the kernel's
/// debugging options.
package struct KernelVariant: Sendable, Hashable, CustomStringConvertible {
    /// The versions with patches of ours, whose sources Debian has.
    package static let versions = ["6.12", "7.2"]
    /// The words for `isFull`, `hasSlubStats` and `isDebug` in a name.
    private static let (fullWord, slubStatsWord) = ("full", "slubstats")
    /// What says in a name that a kernel has debugging options.
    static let debugWord = "debug"

    /// The version's first two numbers: `6.12`.
    package let version: String
    /// The changes that our patches add, in the order in which they are applied.
    package let added: [String]
    /// Upstream changes of this version that our patches take out.
    package let removed: [String]
    /// Whether it has what only some guests need: ACPI and PCI for NUMA nodes, and XFS.
    package var isFull: Bool
    /// Whether its slab allocator counts what it does (CONFIG_SLUB_STATS), in files of
    /// `/sys/kernel/slab`; that makes each allocation a little slower.
    package let hasSlubStats: Bool
    /// Whether it has the kernel's debugging options, which make it slow.
    package let isDebug: Bool

    /// The version, then `-change` and `+change`, then the flavours.
    package var name: String {
        version + removed.map { "-\($0)" }.joined() + added.map { "+\($0)" }.joined()
            + flavours.map { "+\($0)" }.joined()
    }

    /// The words at the end of the name.
    var flavours: [String] {
        (isFull ? [Self.fullWord] : []) + (hasSlubStats ? [Self.slubStatsWord] : [])
            + (isDebug ? [Self.debugWord] : [])
    }

    package var description: String { name }

    /// The changes of ours that it has, by a patch or upstream. A patch takes the place of an
    /// upstream change that it excludes.
    package var changes: Set<String> {
        Set(
            KernelChange.all.filter {
                added.contains($0.name)
                    || ($0.isUpstream(in: version) && !removed.contains($0.name)
                        && !$0.description.excludes.contains(where: added.contains))
            }.map(\.name))
    }

    /// A version without changes.
    package init(version: String) {
        self.version = version
        added = []
        removed = []
        isFull = false
        hasSlubStats = false
        isDebug = false
    }

    /// Parses a name.
    ///
    /// - Parameter anyVersion: whether to accept a version that Debian has no source of, because
    ///   the user gives one.
    /// - Throws: `usage` with the known variants.
    package init(_ text: String, anyVersion: Bool = false) throws(PlumblineError) {
        let parts = Self.split(text)
        guard let version = parts.first, Self.isVersion(version) else {
            throw Self.invalid(text, "a name begins with a version, such as 6.12")
        }
        guard anyVersion || Self.versions.contains(version) else {
            throw Self.invalid(text, "no source package for Linux \(version)")
        }
        var signs: [String: Character] = [:]
        for part in parts.dropFirst() {
            let (sign, name) = (part.first ?? "+", String(part.dropFirst()))
            let change = KernelChange.all.first { $0.name == name }
            let words = [Self.fullWord, Self.slubStatsWord, Self.debugWord]
            guard change != nil || words.contains(name) else {
                throw Self.invalid(text, Self.noSuchPatch(name))
            }
            guard signs.updateValue(sign, forKey: name) == nil else {
                throw Self.invalid(text, "\(name) is given twice")
            }
            guard sign == "+" || change?.isUpstream(in: version) == true else {
                throw Self.invalid(text, "Linux \(version) does not have \(name)")
            }
        }
        self.version = version
        let names = KernelChange.all.map(\.name)
        added = names.filter { signs[$0] == "+" }
        removed = names.filter { signs[$0] == "-" }
        isFull = signs[Self.fullWord] != nil
        hasSlubStats = signs[Self.slubStatsWord] != nil
        isDebug = signs[Self.debugWord] != nil
        for change in KernelChange.all where added.contains(change.name) {
            if let missing = change.missing(in: version) {
                throw Self.invalid(
                    text, "there is no \(change.name) for Linux \(version), \(missing)")
            }
            let others = added + removed
            guard let other = change.description.excludes.first(where: others.contains) else {
                continue
            }
            throw Self.invalid(
                text, "\(change.name) and \(other) change the same lines: use one of them")
        }
    }

    /// For each version: without changes, with each change alone, and with two that go together.
    package static let known: [KernelVariant] = versions.flatMap { version in
        var names = [version]
        var together: [KernelChange] = []
        for change in KernelChange.all {
            if change.isUpstream(in: version) { names.append("\(version)-\(change.name)") }
            guard change.missing(in: version) == nil else { continue }
            names.append("\(version)+\(change.name)")
            let isExcluded = together.contains { change.description.excludes.contains($0.name) }
            if !isExcluded { together.append(change) }
        }
        // The first two that go together stand for all that do.
        if together.count > 1 {
            names.append(version + together.prefix(2).map { "+\($0.name)" }.joined())
        }
        return names.compactMap { try? KernelVariant($0) }
    }

    /// The names of the known variants, for messages.
    package static var knownNames: String { known.map(\.name).joined(separator: ", ") }

    /// The text before the first sign, then each sign with its name.
    private static func split(_ text: String) -> [String] {
        var parts = [""]
        let letters = Array(text)
        for (place, letter) in letters.enumerated() {
            // After the first sign, a minus begins a change or is a part of a name.
            let rest = letters[(place + 1)...]
            let begins =
                letter == "+"
                || (letter == "-"
                    && (parts.count == 1
                        || KernelChange.all.contains { rest.starts(with: $0.name) }))
            if begins { parts.append("") }
            parts[parts.count - 1].append(letter)
        }
        return parts
    }

    private static func isVersion(_ text: String) -> Bool {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 2
            && numbers.allSatisfy { number in
                1...3 ~= number.utf8.count && number.utf8.allSatisfy { 48...57 ~= $0 }
            }
    }

    private static func noSuchPatch(_ name: String) -> String {
        let near = Spelling.hint(for: name, among: KernelChange.all.map(\.name))
        return "no patch '\(name)'" + (near.map { "; \($0)" } ?? "")
    }

    private static func invalid(_ text: String, _ why: String) -> PlumblineError {
        .usage(
            "unknown kernel variant '\(text)': \(why)",
            remedy: "known variants: \(knownNames), each also with +\(fullWord), "
                + "+\(slubStatsWord) and +\(debugWord); for another source use --source, for another patch --patch"
        )
    }
}
