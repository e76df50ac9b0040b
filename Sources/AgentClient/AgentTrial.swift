// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// Starts an agent for its greeting alone, and ends it.
public enum AgentTrial {
    /// The greeting.
    ///
    /// - Throws: why there is none; `interrupted`.
    public static func greeting(
        of configuration: AgentConfiguration,
        isInterrupted: @escaping @Sendable () -> Bool,
        report: @escaping @Sendable (AgentNotice) -> Void = { _ in }
    ) async throws(PlumblineError) -> Hello {
        var driver = AgentDriver(configuration, isInterrupted: isInterrupted, report: report)
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
