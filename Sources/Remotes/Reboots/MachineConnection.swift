// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics

/// What a machine that reboots is used for while it is up: commands, and an agent.
package protocol MachineConnection: Sendable {
    /// Runs a command line, a word each, to its end.
    ///
    /// - Throws: `failure` when the connection breaks or the limit passes; `interrupted`.
    func run(
        _ words: [String], limit: Duration
    ) async throws(PlumblineError) -> SSHAnswer

    /// How an agent is started there; it is copied first where it is not there.
    func agent() async throws(PlumblineError) -> AgentConfiguration

    /// Ends it; doing it twice does no harm.
    func close() async
}

extension SSHAnswer {
    /// The last line of what the program wrote, for an error.
    var lastWords: String {
        let text = errors.trimmed.isEmpty ? output : errors
        return text.split(separator: "\n").last.map { $0.trimmed.cut(to: 200) } ?? ""
    }
}
