// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

extension KernelChange {
    /// The change of a name.
    ///
    /// - Throws: `usage` with the known ones.
    package static func named(_ name: String) throws(PlumblineError) -> KernelChange {
        guard let change = all.first(where: { $0.name == name }) else {
            throw PlumblineError.unknown("patch", name, among: all.map(\.name))
        }
        return change
    }

    /// The kernel parameter that turns the change on and off, such as `pipe.prealloc`.
    package var parameter: String { description.switch }

    /// Refuses a kernel that does not have the switch.
    ///
    /// - Parameters:
    ///   - kernel: the kernel's name.
    ///   - patches: the names of its patches.
    ///   - built: the kernels of the cache, to name those with the switch.
    /// - Throws: `usage` with the kernels that have it.
    package func checkSwitch(
        of kernel: String, patches: [String], built: [KernelImage]
    ) throws(PlumblineError) {
        guard !patches.contains(name) else { return }
        let others = built.filter { $0.entry.appliedPatches.contains(name) }.map(\.name)
        let names = (variants + Set(others).subtracting(variants).sorted())
        throw .usage(
            "\(kernel) has no switch \(name)",
            remedy: "kernels with it: \(names.joined(separator: ", "))")
    }
}

extension KernelEntry {
    /// The names of the patches that were applied and not reverted.
    package var appliedPatches: [String] { patches.filter { !$0.reverted }.map(\.name) }
}

extension KernelRequest {
    /// The names of the patches that are applied and not reverted.
    package var appliedPatches: [String] {
        variant.added + patches.filter { !$0.isReverted }.map(\.name)
    }
}
