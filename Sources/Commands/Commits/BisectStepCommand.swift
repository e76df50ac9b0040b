// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import FoundationEssentials
import Kernels
import Linux
import Machine
import Protocol
import Verdicts

/// `plumbline bisect-step`: one step of `plumbline bisect`, which `git bisect run` starts.
///
/// It exits with 0 for a good commit, 1 for a bad one, 125 for one that is skipped. Whatever else
/// happens, it exits with 128 or more, which git takes for no answer.
struct BisectStepCommand: ConsoleCommand {
    static let name = "bisect-step"

    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Judge one commit, for `git bisect run`.",
        discussion: "Started by `plumbline bisect` through git, and of no use otherwise.",
        shouldDisplay: false)

    @Argument(help: "The file of the bisection's settings.") var settings: String

    func run(on console: Console) async -> Int32 {
        do {
            return try await answer(on: console).exitCode
        } catch let error as PlumblineError {
            console.diagnostics("plumbline: \(error)\n")
            return error.kind == .interrupted ? 130 : GitBisection.abort
        } catch {
            console.diagnostics("plumbline: \(BisectCommand.fullMessage(for: error))\n")
            return GitBisection.abort
        }
    }

    private func answer(on console: Console) async throws -> BisectionAnswer {
        let settings = try LineCodec.decode(
            BisectionSettings.self, from: SystemFile.readBytes(settings))
        let command = try BisectCommand.parse(Array(settings.arguments.dropFirst()))
        try Interrupts.catch()
        let watch = Self.watch(settings.owner)
        defer { watch.cancel() }
        Git.forgetCaller()
        let commit = try await GitBisection.head(in: settings.worktree)
        // The names of files in the options are relative to it.
        guard FileManager.default.changeCurrentDirectoryPath(settings.startDirectory) else {
            throw PlumblineError.failure("cannot change to \(settings.startDirectory)")
        }
        var console = console
        console.arguments = settings.arguments
        if !command.options.common.quiet {
            console.diagnostics("plumbline: comparing \(commit) with \(settings.good.short)\n")
        }
        let answer = try await command.answer(for: commit, settings, on: console)
        var words = "\(answer)"
        if case .skip(let reason) = answer {
            words = "skipped: \(reason)"
            try JournalDirectory.write(Array(reason.utf8), to: settings.reasonFile(commit))
        }
        if !command.options.common.quiet {
            console.diagnostics("plumbline: \(commit.short) is \(words)\n")
        }
        return answer
    }

    /// Interrupts this process when the one that bisects has ended, even by SIGKILL: git does not
    /// end then.
    private static func watch(_ owner: ProcessIdentity) -> Task<Void, any Error> {
        Task.detached {
            while owner.isRunning { try await Task.sleep(for: .milliseconds(500)) }
            try ChildProcess(id: ChildProcess.currentID).kill(ChildProcess.interruptSignal)
        }
    }
}
