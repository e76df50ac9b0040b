// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol

/// How an agent is started, watched and ended.
public struct AgentConfiguration: Sendable {
    /// The agent's executable, or the program that starts it.
    public var executable: String
    /// Its command line after the executable.
    public var arguments: [String] = []
    /// Whether it gets a session of its own, as sshd gives to what it starts. On a busy machine the
    /// kernel divides the CPUs between sessions: sched(7), the autogroup feature.
    public var hasOwnSession = false
    /// How long a busy agent may be silent before it counts as hung.
    public var silenceLimit: Duration = .seconds(10)
    /// How long an agent may take to end once asked to.
    public var shutdownTimeout: Duration = .seconds(20)
    /// How often time and signals are checked.
    public var tick: Duration = .milliseconds(250)
    /// How many times a dead agent is replaced.
    public var restarts = 3
    /// Where the agent keeps its undo log.
    public var stateDirectory = StateDirectory.path
    /// The agent's name in errors; nil for its path.
    public var name: String?
    /// How long the agent may be silent until it greets; nil for `silenceLimit`. The greeting
    /// itself may take twelve times as long.
    public var startTimeout: Duration?
    /// Whether the agent's input is closed when the agent is asked to end.
    public var endsInput = true
    /// Makes the reader of lines beside the protocol; nil shows them as notes.
    public var watch: (@Sendable () -> any MachineWatch)?
    /// Returns why the machine that greets cannot be used; nil when it can.
    public var objection: @Sendable (Hello) -> PlumblineError? = { _ in nil }
    /// The guest that the agent runs in, for the journal; nil for this machine.
    public var guest: GuestRecord?
    /// Whether the machine's clock is compared with this one's at each slice.
    public var checksClock = false
    /// The way to the machine that the agent runs on; nil for this machine.
    public var route: (any AgentRoute)?

    /// A configuration for an agent.
    public init(executable: String) { self.executable = executable }
}
