// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// What a kernel is to be built from.
public struct KernelRequest: Sendable, Equatable {
    /// The version and our patches.
    public var variant: KernelVariant
    /// The user's source; nil for Debian's package.
    public var source: SourceSpec?
    /// The user's patches, applied after ours.
    public var patches: [KernelPatch] = []
    /// A whole configuration in place of ours; a path.
    public var config: String?
    /// Options that win over ours; paths.
    public var fragments: [String] = []
    /// Compilers at a time; nil for one a CPU.
    public var jobs: Int?

    /// A variant as its name stands for it.
    public init(_ variant: KernelVariant) { self.variant = variant }

    /// Whether it is what the variant's name alone stands for.
    public var isStandard: Bool {
        source == nil && patches.isEmpty && config == nil && fragments.isEmpty
    }

    /// The variant's name, the commit's after an @, and the user's patches' in the variant's manner.
    public var name: String {
        var commit = ""
        if case .git(_, let reference) = source { commit = "@\(reference)" }
        return variant.name + commit
            + patches.map { ($0.isReverted ? "-" : "+") + $0.name }.joined()
    }

    /// Every patch in the order in which it is applied.
    ///
    /// - Throws: `failure` when this program has no patch of ours for the version.
    func allPatches() throws(PlumblineError) -> [KernelPatch] {
        var all: [KernelPatch] = []
        for name in KernelPatch.names
        where variant.added.contains(name) || variant.removed.contains(name) {
            all.append(try Self.ours(name, for: variant.version))
            // The change stays in the source, behind the switch that our patch adds to it.
            if variant.removed.contains(name) {
                all.append(try Self.ours("\(name)-off", for: variant.version))
            }
        }
        return all + patches
    }

    /// For a version without a patch of its own, the nearest older one's is tried, then the oldest.
    private static func ours(
        _ name: String, for version: String
    ) throws(PlumblineError) -> KernelPatch {
        let older = KernelPatch.versions.filter { isNewer(version, than: $0) }
        let tried = [version] + older.reversed() + KernelPatch.versions.prefix(1)
        guard let patch = tried.lazy.compactMap({ KernelPatch.ours(name, for: $0) }).first else {
            throw .failure("there is no patch \(name) for Linux \(version)")
        }
        return patch
    }

    private static func isNewer(_ version: String, than other: String) -> Bool {
        let numbers = [version, other].map { $0.split(separator: ".").compactMap { Int($0) } }
        return numbers[1].lexicographicallyPrecedes(numbers[0])
    }
}
