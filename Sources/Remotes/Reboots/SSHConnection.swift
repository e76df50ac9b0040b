// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics

/// A connection by ssh to one boot of a machine.
package struct SSHConnection: MachineConnection {
    private let session: SSHSession
    private let remote: RemoteAgent

    /// Connects.
    ///
    /// - Parameters:
    ///   - configuration: a file that ssh reads in place of the user's configuration.
    ///   - path: the agent on this machine, which is copied when one is started.
    /// - Throws: `failure` when the machine does not answer; `interrupted`.
    package init(
        _ address: SSHAddress, configuration: String? = nil, agent path: String,
        isInterrupted: @escaping @Sendable () -> Bool
    ) async throws(PlumblineError) {
        session = try SSHSession(
            address, configuration: configuration, isInterrupted: isInterrupted)
        remote = RemoteAgent(session, agent: path, isInterrupted: isInterrupted)
        try await session.connect()
    }

    /// Runs a program on the machine.
    package func run(
        _ words: [String], limit: Duration
    ) async throws(PlumblineError) -> SSHAnswer { try await session.run(words, limit: limit) }

    /// Copies the agent, unless it is there.
    package func agent() async throws(PlumblineError) -> AgentConfiguration {
        try await remote.prepare()
        return remote.configuration
    }

    /// Removes the agent, and ends the connection.
    package func close() async { await remote.close() }
}
