// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Protocol

/// One stretch of an experiment, from an agent's greeting to the journal's line on how it ended.
protocol Sitting {
    /// Waits for the greeting of the agent whose machine the journal's header names.
    mutating func greeting() async throws(PlumblineError) -> Hello

    /// Has every agent put everything back and end.
    mutating func end() async

    /// What turned out to be wrong with the machine that all was measured on.
    var complaint: PlumblineError? { get }

    /// Does what is left to do, and writes it to the journal.
    ///
    /// - Returns: how it ended: `finished` or `interrupted`.
    mutating func work(
        _ writer: JournalWriter
    ) async throws(PlumblineError) -> JournalEvent.Ending.State
}

extension Sitting {
    /// Nothing, where rounds take care of it, or the machine is this one.
    var complaint: PlumblineError? { nil }

    /// Runs the sitting; `greeted` writes the journal's first line of it.
    ///
    /// - Throws: what the work threw, after the journal has its end and the agent is gone; what
    ///   turned out at the end to be wrong with the machine.
    mutating func conduct(
        _ writer: JournalWriter, greeted: (Hello) throws(PlumblineError) -> Void
    ) async throws(PlumblineError) {
        let state: JournalEvent.Ending.State
        do throws(PlumblineError) {
            try greeted(try await greeting())
            state = try await work(writer)
        } catch {
            await end()
            if error.kind == .interrupted, writer.hasLines {
                try writer.append(Self.ended(.interrupted))
            } else if writer.hasLines {
                try? writer.append(Self.ended(.failed))
            }
            throw error
        }
        await end()
        if let complaint {
            try writer.append(Self.ended(.failed))
            throw complaint
        }
        try writer.append(Self.ended(state))
    }

    private static func ended(_ state: JournalEvent.Ending.State) -> JournalEvent {
        .end(.init(state: state, at: Clock.realtimeNanoseconds()))
    }
}
