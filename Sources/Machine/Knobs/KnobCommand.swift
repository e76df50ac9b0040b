// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// A shell command that switches a knob.
package enum KnobCommand {
    /// A command may take as long: milliseconds.
    private static let timeout = 60_000
    /// A shell's exit code for a program that it does not find, and for one it cannot execute.
    private static let cannotRun: Set<Int32> = [126, 127]

    /// Runs a command.
    ///
    /// - Parameters:
    ///   - hint: the remedy for a program that the shell cannot run.
    ///   - pulse: called every 50 ms at least while it runs.
    /// - Throws: `failure` with what it said when it fails, `interrupted`.
    package static func run(
        _ command: String, hint: @autoclosure () -> String = "", pulse: () -> Void = {}
    ) throws(PlumblineError) {
        VerboseLog.say("run by sh -c: \(command)")
        let result: Command.Result
        do {
            result = try Command.run(
                ["sh", "-c", command], timeoutMilliseconds: timeout, pulse: pulse)
        } catch .timedOut {
            throw .failure("the switching command '\(command)' took more than 60 s")
        } catch .interrupted {
            throw PlumblineError(.interrupted, "interrupted while switching")
        } catch {
            throw .failure("the switching command '\(command)' cannot be run: \(error)")
        }
        guard !result.succeeded else { return }
        let said = result.output.trimmed
        var remedies = said.isEmpty ? [] : ["its output: \(said.prefix(500))"]
        if case .exited(let code) = result.exit, cannotRun.contains(code) {
            remedies.append(hint())
        }
        throw .failure(
            "the switching command '\(command)' failed: \(words(result.exit))",
            remedy: remedies.filter { !$0.isEmpty }.joined(separator: "; "))
    }

    private static func words(_ exit: ChildProcess.Exit) -> String {
        switch exit {
        case .exited(let code): "exit code \(code)"
        case .signalled(let signal): "killed by signal \(signal)"
        }
    }
}
