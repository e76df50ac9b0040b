// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Remotes

/// The options of every command that measures machines over ssh.
public struct SSHOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "The configuration file for ssh, instead of ~/.ssh/config.", valueName: "file"),
        completion: .file())
    var sshConfig: String?
    @Flag(
        help: ArgumentHelp(
            "Keep the agent in ~/.cache/plumbline there, so that the next run need not copy it."))
    var keepAgent = false
    @Flag(help: "Run the agent there as root, by `sudo -n`.")
    var sudo = false

    /// Made by the argument parser.
    public init() {}
}

extension SSHOptions {
    /// Refuses options of ssh where no machine is reached by it.
    ///
    /// - Parameter option: what names such a machine, with its value.
    func check(isUsed: Bool, option: String) throws(PlumblineError) {
        let given = [
            ("--ssh-config", sshConfig != nil), ("--keep-agent", keepAgent), ("--sudo", sudo),
        ]
        guard !isUsed, let first = given.first(where: { $0.1 }) else { return }
        throw .usage(
            "\(first.0) is not supported without a machine of ssh", remedy: "add \(option)")
    }

    /// The agent of a machine, which is not touched yet.
    ///
    /// - Parameters:
    ///   - agent: the agent's file on this machine.
    ///   - note: is called with what the user should know.
    /// - Throws: `usage` for an invalid address, named by its option; `failure` without ssh.
    func agent(
        on address: SSHAddress, agent: String, counts: Bool = false,
        note: @escaping @Sendable (String) -> Void
    ) throws(PlumblineError) -> RemoteAgent {
        let session = try SSHSession(
            address, configuration: sshConfig, isInterrupted: Measurement.isInterrupted)
        var options = RemoteAgent.Options()
        options.keepsAgent = keepAgent
        options.usesSudo = sudo
        options.counts = counts
        return RemoteAgent(
            session, agent: agent, options: options, isInterrupted: Measurement.isInterrupted,
            note: note)
    }

    /// The address that an option has.
    static func address(_ text: String, of option: String) throws(PlumblineError) -> SSHAddress {
        do { return try SSHAddress(text) } catch { throw error.at(option) }
    }
}
