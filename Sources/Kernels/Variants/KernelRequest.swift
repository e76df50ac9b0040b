// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// What a kernel is to be built from.
package struct KernelRequest: Sendable, Equatable {
    /// The version and our patches.
    package var variant: KernelVariant
    /// The user's source; nil for Debian's package.
    package var source: SourceSpec?
    /// The user's patches, applied after ours.
    package var patches: [KernelPatch] = []
    /// The path of a whole configuration to use instead of ours.
    package var config: String?
    /// Paths of options that override ours.
    package var fragments: [String] = []
    /// Parallel compilers; nil for one per CPU.
    package var jobs: Int?

    package init(_ variant: KernelVariant) { self.variant = variant }

    /// Whether the variant's name says everything.
    package var isStandard: Bool {
        source == nil && patches.isEmpty && config == nil && fragments.isEmpty
    }

    /// The variant's name, `@` and the commit's, and `+` or `-` and each of the user's patches'.
    package var name: String {
        var commit = ""
        if case .git(_, let reference) = source { commit = "@\(reference)" }
        return variant.name + commit
            + patches.map { ($0.isReverted ? "-" : "+") + $0.name }.joined()
    }

    /// Every patch in the order in which it is applied.
    func allPatches() throws(PlumblineError) -> [KernelPatch] {
        var all: [KernelPatch] = []
        for change in KernelChange.all {
            let isRemoved = variant.removed.contains(change.name)
            guard isRemoved || variant.added.contains(change.name) else { continue }
            all.append(try change.patch(for: variant.version, isRemoved: isRemoved))
        }
        return all + patches
    }
}
