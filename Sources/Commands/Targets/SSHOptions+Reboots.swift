// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Remotes

extension SSHOptions {
    /// The machine of a target file, which is not reached yet.
    ///
    /// - Parameters:
    ///   - agent: the agent's file on this machine.
    ///   - note: is called with what the user should know.
    func machine(
        _ file: TargetFile, agent: String, note: @escaping @Sendable (String) -> Void
    ) -> RebootMachine {
        let options = self
        return RebootMachine(file, isInterrupted: Measurement.isInterrupted) {
            () async throws(PlumblineError) in
            try await SSHConnection(
                to: try options.agent(on: file.host, agent: agent, note: note))
        }
    }
}
