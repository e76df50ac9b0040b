// SPDX-License-Identifier: GPL-3.0-or-later

/// All that decides what a kernel is; equal inputs give one entry of the cache.
struct BuildInputs: Sendable {
    let request: KernelRequest
    let source: KernelSource
    let patches: [KernelPatch]
    let plan: ConfigPlan
    let toolchain: String

    /// Grows when builds are made in another way, so that older entries are not taken for new.
    private static let scheme = "1"

    /// What follows the version in `uname -r`.
    var localVersion: String {
        BuildCommand.localVersion(of: request.name, version: source.version)
    }

    /// The name of the kernel's directory in the cache.
    var key: String {
        let patched = patches.map { ($0.isReverted ? "-" : "+") + $0.digest }
        return digest(
            [Self.scheme, source.identity, plan.digest, toolchain, localVersion] + patched)
    }

    /// The name of the directory whose objects all variants of one configuration share, and all
    /// commits of one repository.
    var buildKey: String { digest([Self.scheme, source.treeIdentity, plan.digest, toolchain]) }

    /// The entry of a finished build.
    func entry(
        check: ConfigCheck, release: String, buildID: String?, imageBytes: Int, seconds: Double,
        objects: Int, finished: Int
    ) -> KernelEntry {
        KernelEntry(
            key: key, name: request.name, release: release, source: source.identity,
            isStandard: request.isStandard,
            patches: patches.map {
                KernelEntry.Patch(name: $0.name, sha256: $0.digest, reverted: $0.isReverted)
            },
            configurationFile: plan.place, configuration: plan.digest,
            deviations: check.deviations, absentOptions: check.unknown,
            unfaithfulOptions: check.unfaithful.map(\.option), toolchain: toolchain,
            buildID: buildID, imageBytes: imageBytes,
            finished: finished, buildSeconds: seconds, objects: objects)
    }

    private func digest(_ parts: [String]) -> String {
        String(BuildDigest.hex(parts.joined(separator: "\n")).prefix(16))
    }
}
