// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import ArgumentParser
import Basics
import Remotes

/// How a machine that reboots is reached.
struct RebootOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A configuration for ssh in place of yours (ssh -F).", valueName: "file"))
    var sshConfig: String?

    /// The machine of a target file, which is not reached yet.
    ///
    /// - Parameter agent: the agent that is copied; nil for the one beside this program.
    /// - Throws: `failure` without ssh or without an agent.
    func machine(
        _ file: TargetFile, agent: String?, _ console: Console
    ) throws(PlumblineError) -> RebootMachine {
        let configuration = sshConfig
        let path: String
        if let agent { path = agent } else {
            path = try AgentExecutable.find(in: console.environment["PATH"] ?? "")
        }
        return RebootMachine(file, isInterrupted: Measurement.isInterrupted) {
            () async throws(PlumblineError) in
            try await SSHConnection(
                file.host, configuration: configuration, agent: path,
                isInterrupted: Measurement.isInterrupted)
        }
    }
}
