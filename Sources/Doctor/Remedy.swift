// SPDX-License-Identifier: GPL-3.0-or-later

/// How to fix what a check found.
package enum Remedy: Sendable, Equatable {
    /// A command line for a shell on Debian 12.
    case command(String)
    /// What to do where no command does it.
    case advice(String)

    var text: String {
        switch self {
        case .command(let text), .advice(let text): text
        }
    }

    /// `command` or `advice`, for scripts.
    var kind: String { if case .command = self { "command" } else { "advice" } }
}
