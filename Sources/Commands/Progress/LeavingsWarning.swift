// SPDX-License-Identifier: GPL-3.0-or-later

import Machine

/// Says that a killed run left the machine changed.
enum LeavingsWarning {
    /// Gives the warning on standard error where there is cause.
    static func give(on console: Console, quiet: Bool) {
        guard !quiet, !UndoLog.abandonedOwners().isEmpty else { return }
        console.diagnostics(
            "plumbline: a killed run left changes on this machine, which may disturb what is "
                + "measured\n  put them back with: plumbline doctor --restore\n")
    }
}
