// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Kernels

/// `plumbline kernel`: sources, patches and kernels for guests.
struct KernelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernel",
        abstract: "Fetch kernel sources, apply patches, build kernels for guests.",
        discussion: """
            A kernel's name is its version, then +patch for each patch of ours, and -patch for an \
            upstream change that is turned off:

              \(KernelVariant.known.map(\.name).joined(separator: "\n  "))

            Each patch has a switch, a parameter (0 or 1) for --append or in /sys/module: \
            \(KernelChange.all.map(\.parameter).joined(separator: ", ")).

            +full after any name adds ACPI and PCI, for guests with NUMA nodes, and XFS. Commands \
            that boot guests choose it themselves. It takes longer to build.

            +slubstats after any name has the slab allocator count what it does, in files of \
            /sys/kernel/slab: use it for counts, not for times.

            +debug after any name adds lockdep, KASAN, kmemleak, checks for sleeping in atomic \
            context, and fault injection for allocations. Such a kernel is slow: use it with \
            `plumbline run verify` and `plumbline run faults` only.

            Sources, objects and kernels are kept in $XDG_CACHE_HOME/plumbline, or else \
            ~/.cache/plumbline. A kernel is built again only when its source, patches, \
            configuration or compiler change. `plumbline kernel clean` frees space.

            EXAMPLES
              plumbline kernel list
              plumbline kernel build 6.12 6.12+\(KernelChange.all[0].name)
            """,
        subcommands: [
            KernelBuildCommand.self, KernelListCommand.self, KernelSourceCommand.self,
            KernelCleanCommand.self,
        ])
}
