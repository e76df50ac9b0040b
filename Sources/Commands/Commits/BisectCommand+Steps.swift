// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Journal
import Kernels
import Linux
import Machine
import Protocol
import Reports
import Verdicts

extension BisectCommand {
    /// Has git bisect, and shows what it found.
    ///
    /// - Returns: 0 for a first bad commit, 4 for several candidates.
    func bisect(
        good: Commit, bad: Commit, direction: VerdictReport, effect: Double, git: Git,
        journals: JournalDirectory, on console: Console
    ) async throws -> Int32 {
        let program = try Plumbline.program()
        guard let owner = ProcessIdentity.current else {
            throw PlumblineError.failure("cannot read /proc/self/stat", remedy: "mount /proc")
        }
        let quiet = options.common.quiet
        let (bisection, reasons) = try await PrivateWorktree.with(of: git, at: bad) {
            worktree throws(PlumblineError) in
            let settings = BisectionSettings(
                owner: owner, arguments: console.arguments,
                startDirectory: FileManager.default.currentDirectoryPath,
                directory: worktree.directory, worktree: worktree.git.place, good: good,
                effect: effect, journals: journals.path)
            let file = "\(worktree.directory)/step.json"
            try JournalDirectory.write(LineCodec.encode(settings), to: file)
            let bisection = try await GitBisection(
                in: worktree, good: good, bad: bad,
                step: [program, BisectStepCommand.name, file],
                line: { if !quiet { console.diagnostics("\($0)\n") } })
            let reasons = bisection.steps.map {
                try? SystemFile.read(settings.reasonFile($0.commit))
            }
            return (bisection, reasons)
        }
        let steps = zip(bisection.steps, reasons).map { step, reason in
            let path = journals.journal(a: good, b: step.commit)
            let cell = KernelComparison.finished(at: path).flatMap { try? VerdictReport($0) }?
                .cells.first
            return BisectionReport.Step(
                commit: step.commit, answer: step.answer.rawValue, cell: cell, reason: reason)
        }
        let report = BisectionReport(
            good: good, bad: bad, direction: direction, steps: steps,
            candidates: bisection.ending.candidates, journals: journals.path)
        try console.show(report, as: options.format)
        return report.exitCode
    }

    /// Answers for one commit; a finished journal is only read.
    func answer(
        for commit: Commit, _ settings: BisectionSettings, on console: Console
    ) async throws -> BisectionAnswer {
        let comparison = try stepComparison(bad: settings.effect, console)
        let journals = JournalDirectory(known: settings.journals)
        try journals.check(comparison)
        let path = journals.journal(a: settings.good, b: commit)
        if KernelComparison.finished(at: path) == nil,
            let error = try await comparison.buildFailure(of: options.kernel(commit), console)
        {
            return .skip(error.description)
        }
        let journal = try await comparison.journal(
            a: options.kernel(settings.good), b: options.kernel(commit), at: path, console)
        return BisectionAnswer(try VerdictReport(journal).cells[0], bad: settings.effect)
    }
}

extension GitBisection.Ending {
    /// The first bad commit, or those of which one is it.
    var candidates: [Commit] {
        switch self {
        case .found(let commit): [commit]
        case .candidates(let commits): commits
        }
    }
}
