// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

extension RebootMachine {
    /// Runs a command on the machine or here.
    mutating func perform(
        _ command: BootCommand, limit: Duration
    ) async throws(PlumblineError) -> SSHAnswer {
        if command.place == .machine { return try await line().run(command.words, limit: limit) }
        let milliseconds = Int(limit / .milliseconds(1))
        VerboseLog.say("run \(command.text)")
        do throws(Errno) {
            let result = try Command.run(command.words, timeoutMilliseconds: milliseconds)
            return SSHAnswer(output: result.output, errors: "", code: Self.code(result.exit))
        } catch {
            switch error {
            case .interrupted:
                throw PlumblineError(.interrupted, "interrupted during `\(command.text)`")
            case .timedOut:
                throw .failure(
                    "`\(command.text)` did not end within \(limit.components.seconds) s",
                    remedy: "run it by hand, or give timeout: a longer time in \(file.place)")
            default:
                throw .failure(
                    "cannot run `\(command.text)` on this machine: \(error)",
                    remedy: "check the command in \(file.place)")
            }
        }
    }

    /// Runs a command that must succeed.
    mutating func finish(_ command: BootCommand) async throws(PlumblineError) {
        let answer = try await perform(command, limit: file.timeout)
        if answer.code != 0 { throw failed(command, answer) }
    }

    /// As of a shell: 128 and the number for a signal.
    private static func code(_ exit: ChildProcess.Exit) -> Int32 {
        switch exit {
        case .exited(let code): code
        case .signalled(let signal): 128 + signal
        }
    }

    /// The error for a command that ended with an exit code.
    func failed(_ command: BootCommand, _ answer: SSHAnswer) -> PlumblineError {
        let words = answer.lastWords
        let place = command.place == .here ? "this machine" : "\(file.host)"
        return .failure(
            "`\(command.text)` on \(place) ended with exit code \(answer.code)"
                + (words.isEmpty ? "" : ": \(words)"),
            remedy: command.place == .here
                ? "run it by hand" : "run it by hand: `\(file.host.login) \(command.text)`")
    }

    /// An error, with how to take a choice back that the machine keeps for its next boot.
    package func withChoice(_ error: PlumblineError) -> PlumblineError {
        guard let chosen, let select = file.steps(for: chosen).select else { return error }
        let undo =
            file.deselection.map { "run `\($0.text)` there to boot its default kernel" }
            ?? "take back what `\(select.text)` did"
        let words = "the next boot of \(file.host) may be of \(chosen.name): \(undo)"
        let lead = error.remedy.isEmpty ? "" : "\(error.remedy); "
        return PlumblineError(error.kind, error.message, remedy: lead + words)
    }

    /// The error for a machine that does not answer before anything is asked of it.
    func silent(_ last: PlumblineError) -> PlumblineError {
        .failure(
            "\(file.host) does not answer: \(last.message)",
            remedy: last.remedy.isEmpty
                ? "look at its console, and try `\(file.host.login)`" : last.remedy)
    }

    /// The error for a machine that did not come back; without a message in `last` it never left.
    func lost(_ last: PlumblineError, _ kernel: BootKernel, parting: String) -> PlumblineError {
        let limit = "\(file.timeout.components.seconds) s"
        let reboot = file.steps(for: kernel).reboot.text
        guard !last.message.isEmpty else {
            let said = parting.isEmpty ? "" : ", which said: \(parting)"
            return .failure(
                "\(file.host) did not go down within \(limit) after `\(reboot)`\(said)",
                remedy: "look what keeps it: `\(file.host.login) journalctl -b`; "
                    + "`plumbline target check \(file.place)` tries each step")
        }
        return .failure(
            "\(file.host) did not come back within \(limit) after `\(reboot)` into "
                + "\(kernel.name): \(last.message)",
            remedy: "look at its console, and try `\(file.host.login)`; a power cycle boots its "
                + "default kernel; give timeout: a longer time in \(file.place) if it boots slowly")
    }
}

extension SSHAddress {
    /// What a user types to log in.
    package var login: String { "ssh " + words.filter { $0 != "--" }.joined(separator: " ") }
}
