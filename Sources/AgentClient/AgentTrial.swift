// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// Starts an agent to see whether it greets, and ends it.
public enum AgentTrial {
    /// The greeting.
    ///
    /// - Throws: why there is none; `interrupted`.
    public static func greeting(
        of configuration: AgentConfiguration,
        isInterrupted: @escaping @Sendable () -> Bool
    ) async throws(PlumblineError) -> Hello {
        var driver = AgentDriver(configuration, isInterrupted: isInterrupted) { _ in }
        do throws(PlumblineError) {
            let hello = try await driver.greeting()
            await driver.end()
            return hello
        } catch {
            await driver.end()
            throw error
        }
    }
}
