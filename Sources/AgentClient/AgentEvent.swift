// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// What reaches a controller that waits for its agent.
public enum AgentEvent: Sendable, Equatable {
    /// The agent runs, as this process.
    case started(Int32)
    /// A line of the protocol.
    case message(AgentMessage)
    /// A line that is none: what is wrong with it.
    case garbage(PlumblineError)
    /// A line that the agent wrote to its standard error.
    case diagnostic(String)
    /// The agent is gone, how.
    case ended(String)
    /// A quarter of a second went by, at that moment.
    case tick(ContinuousClock.Instant)
}
