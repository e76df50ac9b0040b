// SPDX-License-Identifier: GPL-3.0-or-later

/// What whoever shows an experiment's progress should know of its agents.
public enum AgentNotice: Sendable, Equatable {
    /// The agent has something to say.
    case note(String)
    /// A signal came; the agent undoes its changes and ends.
    case interrupted
}
