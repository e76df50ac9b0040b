// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// Loading what the kernel has as a module.
enum KernelModule {
    /// Loads a module with these parameters; one that is built in, or loaded already, is left as
    /// it is.
    ///
    /// - Returns: whether modprobe said that all is well.
    static func load(
        _ name: String, _ parameters: [String] = [], pulse: () -> Void = {}
    ) throws(PlumblineError) -> Bool {
        try HelperProgram.run(loadArguments(name, parameters), pulse: pulse)?.succeeded ?? false
    }

    /// The command line that loads a module.
    static func loadArguments(_ name: String, _ parameters: [String]) -> [String] {
        ["modprobe", "-q", name] + parameters
    }

    /// Unloads a module that nothing uses.
    static func unload(_ name: String, pulse: () -> Void = {}) -> UndoOutcome {
        guard SystemTree.live.exists("/sys/module/\(name)/initstate") else { return .alreadyGone }
        guard let result = try? HelperProgram.run(["rmmod", name], pulse: pulse) else {
            return .failed("there is no rmmod; install kmod")
        }
        return result.succeeded ? .done : .failed(result.output.trimmed)
    }
}

/// Programs of the system's administration, which are not in every user's PATH.
enum HelperProgram {
    /// Runs a program to its end.
    ///
    /// - Parameter pulse: called every 50 ms at least while it runs.
    /// - Returns: nil when there is no such program.
    /// - Throws: `interrupted`; `failure` when it cannot be run or takes more than two minutes.
    static func run(
        _ arguments: [String], pulse: () -> Void = {}
    ) throws(PlumblineError) -> Command.Result? {
        for prefix in ["", "/usr/sbin/", "/sbin/"] {
            do {
                return try Command.run(
                    [prefix + arguments[0]] + arguments.dropFirst(), timeoutMilliseconds: 120_000,
                    pulse: pulse)
            } catch .noSuchFileOrDirectory {
                continue
            } catch .interrupted {
                throw PlumblineError(.interrupted, "interrupted")
            } catch {
                throw .failure("cannot run \(arguments[0]): \(error)")
            }
        }
        return nil
    }
}
