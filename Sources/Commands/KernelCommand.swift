// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Kernels

/// `plumbline kernel`: sources, patches and kernels for guests.
public struct KernelCommand: ParsableCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "kernel",
        abstract: "Get kernel sources, apply patches, build kernels for guests.",
        discussion: """
            A kernel is named by its version, +patch for each of ours in it, and -patch for a \
            change of that version taken out:

              \(KernelVariant.known.map(\.name).joined(separator: "\n  "))

            +debug after any of them is the same kernel with lockdep, KASAN, kmemleak, checks for \
            sleeping in atomic context, and allocations that fail when told to: slow, and for \
            `plumbline run verify` and `plumbline run faults` only.

            Sources, objects and kernels are kept in $XDG_CACHE_HOME/plumbline, or else \
            ~/.cache/plumbline; a kernel is built again only when its source, patches, \
            configuration or compiler have changed. `plumbline kernel clean` makes room.
            """,
        subcommands: [
            KernelBuildCommand.self, KernelListCommand.self, KernelSourceCommand.self,
            KernelCleanCommand.self,
        ])

    /// Made by the argument parser.
    public init() {}
}
