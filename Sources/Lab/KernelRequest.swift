// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration

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
            // For a version without a patch of its own, the nearest older one's is tried.
            let versions = [variant.version] + KernelPatch.versions
            guard
                let patch = versions.lazy.compactMap({ KernelPatch.ours(name, for: $0) }).first
            else { throw .failure("there is no patch \(name) for Linux \(variant.version)") }
            all.append(patch)
        }
        return all + patches
    }
}
