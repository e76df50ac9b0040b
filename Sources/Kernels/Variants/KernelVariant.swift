// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A kernel by the name that scripts give it: a version, and our patches added or taken out.
///
/// `6.12`, `6.12+pipe-prealloc+dio-cache`, `7.2-pipe-prealloc`. Equal sets of patches have equal
/// names, whatever their order was. `+debug` stands for the flavour that looks for mistakes.
public struct KernelVariant: Sendable, Hashable, CustomStringConvertible {
    /// The version's first two numbers: `6.12`.
    public let version: String
    /// Our patches, in the order in which they are applied.
    public let added: [String]
    /// Changes that this version has of itself, turned off by a switch that our patch adds.
    public let removed: [String]
    /// Whether it has what a kernel can find out about its own mistakes, and is slow for it.
    public let isDebug: Bool

    /// The word for `isDebug` in a name.
    static let debugWord = "debug"

    /// The name: the version, then `-patch` and `+patch`, then `+debug`.
    public var name: String {
        version + removed.map { "-\($0)" }.joined() + added.map { "+\($0)" }.joined()
            + (isDebug ? "+\(Self.debugWord)" : "")
    }

    /// The name.
    public var description: String { name }

    /// The changes that our patches make and that it has, whether of us or of itself.
    public var changes: Set<String> {
        Set(
            KernelPatch.names.filter { name in
                added.contains(name)
                    || (KernelPatch.isUpstream(name, in: version) && !removed.contains(name))
            })
    }

    /// A version without any patch of ours.
    public init(version: String) {
        self.version = version
        added = []
        removed = []
        isDebug = false
    }

    /// Reads a name.
    ///
    /// - Parameter anyVersion: whether a version without a package of its own will do, because
    ///   the user brings the source.
    /// - Throws: `usage` with the known variants when there is no such one.
    public init(_ text: String, anyVersion: Bool = false) throws(PlumblineError) {
        let parts = Self.split(text)
        guard let version = parts.first, Self.isVersion(version) else {
            throw Self.unknown(text, "it does not begin with a version")
        }
        guard anyVersion || KernelPatch.versions.contains(version) else {
            throw Self.unknown(text, "there is no source package for Linux \(version) here")
        }
        var signs: [String: Character] = [:]
        for part in parts.dropFirst() {
            let (sign, name) = (part.first ?? "+", String(part.dropFirst()))
            guard name == Self.debugWord || KernelPatch.names.contains(name) else {
                throw Self.unknown(text, Self.noSuchPatch(name))
            }
            guard signs.updateValue(sign, forKey: name) == nil else {
                throw Self.unknown(text, "\(name) stands there twice")
            }
            guard (sign == "-") == KernelPatch.isUpstream(name, in: version) else {
                throw Self.unknown(
                    text,
                    sign == "-"
                        ? "Linux \(version) does not have \(name)"
                        : "Linux \(version) has \(name) already; -\(name) takes it out")
            }
        }
        self.version = version
        added = KernelPatch.names.filter { signs[$0] == "+" }
        removed = KernelPatch.names.filter { signs[$0] == "-" }
        isDebug = signs[Self.debugWord] != nil
        if let (one, other) = KernelPatch.exclusive.first(where: {
            added.contains($0.0) && added.contains($0.1)
        }) {
            throw Self.unknown(text, "\(one) and \(other) change the same lines: take one of them")
        }
    }

    /// The variants with at most one patch, and both designs together.
    public static let known: [KernelVariant] = [
        "6.12", "6.12+pipe-prealloc", "6.12+dio-cache", "6.12+dio-kmemcache",
        "6.12+pipe-prealloc+dio-cache", "7.2", "7.2-pipe-prealloc", "7.2+dio-cache",
        "7.2+dio-kmemcache",
    ].compactMap { try? KernelVariant($0) }

    /// The text before the first sign that a letter follows, and each sign with its name.
    private static func split(_ text: String) -> [String] {
        var parts = [""]
        let letters = Array(text)
        for (place, letter) in letters.enumerated() {
            let begins =
                letter == "+"
                || (letter == "-" && startsPatch(letters[(place + 1)...], in: parts))
            if begins { parts.append("") }
            parts[parts.count - 1].append(letter)
        }
        return parts
    }

    /// Whether a minus begins a patch's name, rather than stands within one.
    private static func startsPatch(_ rest: ArraySlice<Character>, in parts: [String]) -> Bool {
        if parts.count == 1 { return true }
        return KernelPatch.names.contains { String(rest).hasPrefix($0) }
    }

    private static func isVersion(_ text: String) -> Bool {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 2
            && numbers.allSatisfy { number in
                !number.isEmpty && number.count < 4 && number.allSatisfy { ("0"..."9") ~= $0 }
            }
    }

    private static func noSuchPatch(_ name: String) -> String {
        let near = Spelling.nearest(to: name, among: KernelPatch.names)
        return "there is no patch '\(name)'" + (near.map { ": did you mean \($0)?" } ?? "")
    }

    private static func unknown(_ text: String, _ why: String) -> PlumblineError {
        let names = known.map(\.name).joined(separator: ", ")
        return .usage(
            "no kernel variant is called '\(text)': \(why)",
            remedy: "known variants: \(names), each also with +\(debugWord); another source goes "
                + "with --source, another patch with --patch")
    }
}
