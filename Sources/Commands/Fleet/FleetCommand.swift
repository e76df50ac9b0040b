// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// `plumbline fleet`: one experiment on many machines, through Slurm.
struct FleetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "Run one experiment on many machines of a Slurm cluster, and judge it once.",
        discussion: """
            submit starts one job array: each task measures one machine, which it has for itself. \
            status shows the tasks. collect submits lost tasks once more, merges the journals and \
            judges them: each machine counts as one value, the mean over its rounds or blocks. A \
            verdict needs at least 5 machines.

            The directory DIR, plumbline, plumbline-agent, and a suite or kernel that is named by its path \
            must be on a file system that all machines share. Slurm's programs (Debian's \
            package slurm-wlm) must be installed.

            EXAMPLES
              plumbline fleet submit nightly --machines 8 -- run smoke
              plumbline fleet status nightly
              plumbline fleet collect nightly
            """,
        subcommands: [
            FleetSubmitCommand.self, FleetStatusCommand.self, FleetCollectCommand.self,
            FleetTaskCommand.self,
        ])
}
