// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics

/// A connection by ssh to one boot of a machine.
package struct SSHConnection: MachineConnection {
    private let remote: RemoteAgent

    /// Connects.
    ///
    /// - Parameter remote: an agent that is not there yet; it is copied when one is started.
    /// - Throws: `failure` when the machine does not answer; `interrupted`.
    package init(to remote: RemoteAgent) async throws(PlumblineError) {
        self.remote = remote
        try await remote.session.connect()
    }

    /// Runs a program on the machine.
    package func run(
        _ words: [String], limit: Duration
    ) async throws(PlumblineError) -> SSHAnswer {
        try await remote.session.run(words, limit: limit)
    }

    /// Copies the agent, unless it is there. A connection that is lost meanwhile is not replaced: the
    /// machine may come back in another boot.
    package func agent() async throws(PlumblineError) -> AgentConfiguration {
        try await remote.prepare(attempts: 1)
        return remote.configuration
    }

    /// Removes the agent, and ends the connection.
    package func close() async { await remote.close() }
}
