// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Remotes

/// `plumbline target`: machines that reboot between kernels.
struct TargetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "target",
        abstract: "Check and describe machines that reboot between kernels.",
        discussion: """
            A target file names a machine that ssh reaches, its kernels, and how it is made to \
            boot one of them: by GRUB, by systemd-boot, by kexec, or by commands of your own. \
            `plumbline ab SUITE --on FILE` compares two of the kernels; with two files, two machines \
            swap them in each round.

            EXAMPLES
              plumbline target example >testbox.yaml
              plumbline target check testbox.yaml
            """,
        subcommands: [TargetCheckCommand.self, TargetExampleCommand.self])
}

/// `plumbline target example`: a target file to begin from.
struct TargetExampleCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "example",
        abstract: "Print a target file with comments.",
        discussion: """
            Exit codes: 0 success, 64 usage error.

            EXAMPLES
              plumbline target example >testbox.yaml
              plumbline target example kexec
            """)

    @Argument(
        help: ArgumentHelp(
            "The way to boot: \(TargetFile.Way.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "way"))
    var way = TargetFile.Way.grubReboot

    func run(on console: Console) async throws -> Int32 {
        console.document(way.example)
        return 0
    }
}

extension TargetFile.Way: ExpressibleByArgument {}
