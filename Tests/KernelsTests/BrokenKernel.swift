// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

@testable import Kernels

/// A kernel that is wrong on purpose: a variant of ours and a patch of the folder `Broken`, whose
/// subject names the variant. A check shows by it that it finds the fault.
struct BrokenKernel: Sendable, CustomStringConvertible {
    /// What the patch is applied to.
    let variant: KernelVariant
    let patch: KernelPatch
    /// The name of the fault: the file's, without a version.
    let fault: String

    var description: String { request.name }

    /// What to build.
    var request: KernelRequest {
        var request = KernelRequest(variant)
        request.patches = [patch]
        return request
    }

    private static let folder =
        "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Broken"

    /// All of them, by the names of their files.
    static let all = ((try? SystemFile.list(folder)) ?? []).sorted().compactMap(BrokenKernel.init)

    private init?(file: String) {
        guard let patch = try? KernelPatch(readingFrom: "\(Self.folder)/\(file)"),
            let name = patch.text.firstMatch(of: /\[BROKEN on ([^\]]+)\]/)?.1,
            let variant = try? KernelVariant(String(name))
        else { return nil }
        self.variant = variant
        self.patch = patch
        let stem = file.split(separator: ".patch")[0]
        fault =
            stem.hasSuffix("-\(variant.version)")
            ? String(stem.dropLast(variant.version.count + 1)) : String(stem)
    }
}
