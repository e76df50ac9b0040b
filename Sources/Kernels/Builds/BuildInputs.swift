// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Everything that decides what a kernel is; equal inputs give one entry of the cache.
struct BuildInputs: Sendable {
    let request: KernelRequest
    let source: KernelSource
    let patches: [KernelPatch]
    let plan: ConfigPlan
    let toolchain: String

    /// Changes when the way of building does, so that the cache does not return older entries.
    private static let scheme = "1"

    /// What follows the version in `uname -r`.
    var localVersion: String {
        BuildCommand.localVersion(of: request.name, version: source.version)
    }

    /// The name of the kernel's directory in the cache.
    var key: String {
        let patched = patches.map { ($0.isReverted ? "-" : "+") + $0.hash }
        return hash([Self.scheme, source.identity, plan.hash, toolchain, localVersion] + patched)
    }

    /// The name of the build directory, which all variants of a configuration and all commits of a
    /// repository share.
    var buildKey: String { hash([Self.scheme, source.treeIdentity, plan.hash, toolchain]) }

    private func hash(_ parts: [String]) -> String {
        String(BuildHash.hex(parts.joined(separator: "\n")).prefix(16))
    }
}
