// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Experiment
import Remotes

/// A machine that `ab` compares with another one, each with the kernel that it runs.
enum ComparedMachine: Sendable, Equatable {
    /// This machine.
    case local
    /// A machine that ssh reaches.
    case remote(SSHAddress)

    private static let localName = "local"

    /// Whether a value of --a or --b names a machine, and not a kernel.
    static func isNamed(by text: String?) -> Bool {
        text == localName || text?.hasPrefix(SSHAddress.scheme) == true
    }

    /// The machine that a value of an option names.
    ///
    /// - Throws: `usage` for an invalid address, named by its option.
    init(_ text: String, of option: String) throws(PlumblineError) {
        self =
            text == Self.localName ? .local : .remote(try SSHOptions.address(text, of: option))
    }

    /// The address; nil for this machine.
    var address: SSHAddress? {
        if case .remote(let address) = self { address } else { nil }
    }

    /// What it is called: the address without the user, or `local`.
    var name: String { address?.machine ?? Self.localName }

    /// The machine of an arm, whose agent is started so.
    func machine(_ agent: AgentConfiguration) -> GuestMachine {
        let place = address == nil ? "this machine, without ssh" : "over ssh"
        var machine = GuestMachine(label: name, place: place, host: name, agent: agent)
        // As an agent over ssh has one: else the arms get different shares of a busy CPU.
        machine.agent.hasOwnSession = address == nil
        return machine
    }
}
