// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The way to an agent that runs on another machine. The child of this process is then the
/// connection, and not the agent: its process id and its signals mean nothing there.
public protocol AgentRoute: Sendable {
    /// The machine's name in messages.
    var machine: String { get }

    /// Makes the machine reachable again, if it is not.
    ///
    /// - Returns: how the next agent is started there.
    /// - Throws: `failure` after several attempts, `interrupted`.
    func reach() async throws(PlumblineError) -> AgentConfiguration

    /// Finds out whether the connection is lost, and with it the agent.
    ///
    /// - Returns: the error that says so; nil while the machine answers.
    func loss() async -> PlumblineError?

    /// Asks the agent there to undo its changes and end, as SIGTERM does.
    func terminate()

    /// Ends an agent there that no longer answers, and undoes the changes that dead agents left
    /// there.
    ///
    /// - Returns: lines for the user; none when nothing was left.
    func restore() async -> [String]
}
