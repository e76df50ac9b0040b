// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// Loading and unloading kernel modules.
enum KernelModule {
    /// Loads a module with these parameters; a module that is built in or loaded stays unchanged.
    static func load(
        _ name: String, _ parameters: [String] = [], pulse: () -> Void = {}
    ) throws(PlumblineError) {
        _ = try HelperProgram.run(loadArguments(name, parameters), pulse: pulse)
    }

    /// The change that loads a module: it stays, unless it is undone.
    static func plannedLoad(
        _ name: String, _ parameters: [String] = [], undo: Undo.Kind? = nil
    ) -> PlannedChange {
        let command = loadArguments(name, parameters).joined(separator: " ")
        return PlannedChange(
            "run \(command)" + (undo == nil ? "; it stays loaded" : ""), undo: undo)
    }

    /// The command line that loads a module.
    static func loadArguments(_ name: String, _ parameters: [String]) -> [String] {
        ["modprobe", "-q", name] + parameters
    }

    /// Unloads a module.
    static func unload(_ name: String, pulse: () -> Void = {}) -> UndoOutcome {
        guard SystemTree.live.exists("/sys/module/\(name)/initstate") else { return .alreadyGone }
        guard let result = try? HelperProgram.run(["rmmod", name], pulse: pulse) else {
            return .failed("rmmod is not installed; how to fix: apt-get install kmod")
        }
        return result.succeeded ? .done : .failed(result.output.trimmed)
    }
}

/// Administration programs, which are not in every user's PATH.
package enum HelperProgram {
    /// Runs a program to its end.
    ///
    /// - Parameter pulse: called at least every 50 ms.
    /// - Returns: nil when the program is not installed.
    /// - Throws: `interrupted`; `failure` when it does not start or takes more than two minutes.
    static func run(
        _ arguments: [String], pulse: () -> Void = {}
    ) throws(PlumblineError) -> Command.Result? {
        VerboseLog.say("run \(ShellWord.line(arguments))")
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

    /// Runs a program that has to succeed.
    ///
    /// - Parameter package: the Debian package that has it.
    /// - Throws: as `run`; `failure` with the package to install, or with the program's output.
    package static func require(
        _ arguments: [String], package: String, pulse: () -> Void = {}
    ) throws(PlumblineError) {
        guard let result = try run(arguments, pulse: pulse) else {
            throw .failure(
                "\(arguments[0]) is not installed", remedy: "apt-get install \(package)")
        }
        guard result.succeeded else {
            throw .failure("\(arguments.joined(separator: " ")) failed: \(result.output.trimmed)")
        }
    }
}
