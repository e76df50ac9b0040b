// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A command line of words, run without a shell of ours: on the machine, or here.
package struct BootCommand: Sendable, Equatable {
    /// Where commands run.
    package enum Place: String, CaseIterable, Sendable {
        /// On the machine that reboots.
        case machine
        /// On this machine, which runs plumbline.
        case here
    }

    /// The word that stands for a kernel's name.
    package static let placeholder = "{kernel}"

    /// The program and its arguments.
    package var words: [String]
    /// Where it runs.
    package var place: Place

    /// A command.
    package init(_ words: [String], on place: Place = .machine) {
        self.words = words
        self.place = place
    }

    /// The command for a kernel: its name takes the place of each word that is `{kernel}`.
    package func filled(for kernel: BootKernel) -> BootCommand {
        BootCommand(words.map { $0 == Self.placeholder ? kernel.name : $0 }, on: place)
    }

    /// The command line as a shell reads it.
    package var text: String { ShellWord.line(words) }
}
