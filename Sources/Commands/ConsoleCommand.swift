// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// A command that is a function of its arguments and a console to an exit code.
public protocol ConsoleCommand: ParsableCommand {
    /// Whether its document is shown by a pager where there is a terminal.
    static var usesPager: Bool { get }

    /// Does the work.
    ///
    /// - Returns: the exit code.
    /// - Throws: `PlumblineError`, whose kind decides the exit code.
    func run(on console: Console) async throws -> Int32
}

extension ConsoleCommand {
    /// As commands that measure.
    public static var usesPager: Bool { false }
}
