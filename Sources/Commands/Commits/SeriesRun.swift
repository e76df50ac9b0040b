// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Kernels
import Reports
import Verdicts

/// Builds the kernels of a series and compares them, each with the one before it.
struct SeriesRun {
    /// The options that name the repository.
    let options: CommitOptions
    /// How two of them are compared.
    let kernels: KernelComparison
    /// Where the journals are.
    let directory: JournalDirectory
    let console: Console

    /// Everything that the journals say in the end, or at Ctrl-C.
    ///
    /// - Throws: `failure` when the base does not build; else as the runner.
    func report(on series: PatchSeries) async throws -> SeriesReport {
        let patches = try await build(series)
        var chain = [series.base]
        var pairs: [(a: Commit, b: Commit)] = []
        for patch in patches where patch.error == nil {
            pairs.append((chain[chain.count - 1], patch.commit))
            chain.append(patch.commit)
        }
        if pairs.count > 1 { pairs.append((series.base, chain[chain.count - 1])) }
        var comparisons: [(a: Commit, b: Commit, report: VerdictReport)] = []
        var isInterrupted = false
        for (number, pair) in pairs.enumerated() {
            say("comparison \(number + 1) of \(pairs.count): \(pair.b) against \(pair.a.short)")
            do {
                let journal = try await kernels.journal(
                    a: options.kernel(pair.a), b: options.kernel(pair.b),
                    at: directory.journal(a: pair.a, b: pair.b), console)
                comparisons.append((pair.a, pair.b, try VerdictReport(journal)))
            } catch let error as PlumblineError where error.kind == .interrupted {
                isInterrupted = true
                break
            }
        }
        var report = SeriesReport(
            base: series.base, patches: patches, comparisons: comparisons,
            journals: directory.path)
        report.isInterrupted = isInterrupted
        return report
    }

    /// Builds what is not measured yet: what does not build shows before anything is measured.
    private func build(_ series: PatchSeries) async throws -> [SeriesReport.Patch] {
        var before = series.base
        var isBaseBuilt = false
        var patches: [SeriesReport.Patch] = []
        for commit in series.patches {
            let path = directory.journal(a: before, b: commit)
            var error: PlumblineError?
            if KernelComparison.finished(at: path) == nil {
                if before == series.base, !isBaseBuilt {
                    if let error = try await failure(of: before) { throw error }
                    isBaseBuilt = true
                }
                error = try await failure(of: commit)
            }
            if let error { say("not built: \(commit): \(error)") } else { before = commit }
            patches.append(.init(commit, error: error))
        }
        return patches
    }

    private func failure(
        of commit: Commit
    ) async throws(PlumblineError) -> PlumblineError? {
        try await kernels.buildFailure(of: options.kernel(commit), console)
    }

    private func say(_ text: String) {
        if !kernels.common.quiet { console.diagnostics("plumbline: \(text)\n") }
    }
}
