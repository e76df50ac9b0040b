// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// What happens at an agent's end of a connection.
public enum AgentEvent: Sendable, Equatable {
    /// The agent runs; its process id.
    case started(Int32)
    /// A line of the protocol.
    case message(AgentMessage)
    /// An invalid line, with what is wrong with it.
    case garbage(PlumblineError)
    /// A line that the agent wrote to its standard error.
    case diagnostic(String)
    /// The agent is gone, with how it ended.
    case ended(String)
    /// One interval of `tick` passed, at this moment.
    case tick(ContinuousClock.Instant)
}
