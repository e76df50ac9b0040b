// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Experiment
import Journal
import Kernels
import Linux
import Protocol
import Suites

/// A suite on two kernels in guests: the way from the options to a journal, for `ab` and `gate`.
struct KernelPairRun {
    /// What the user calls a kernel, and with which option.
    struct Name {
        /// The option: `--a`.
        var option: String
        /// A variant, an image or a commit; nil where none is named.
        var text: String?
    }

    /// The command, for errors.
    let command: String
    /// What is measured.
    let suite: SuiteSource
    /// The baseline.
    let a: Name
    /// The candidate.
    let b: Name
    let options: KernelPairOptions
    /// Comparisons of a kernel with itself.
    var placebos: PlaceboOptions?
    /// Whether the kernels' work is traced after the measurement.
    var traces = false
    /// The layouts of a kernel that is in both arms, because it is compared with another journal;
    /// nil where the arms are compared.
    var layoutsOfOne: Int?
    /// Refuses a plan before anything is measured.
    var check: (Plan) async throws -> Void = { _ in }

    /// Builds, boots and measures; with `--list` and `--dry-run` it only prints what would
    /// be done.
    ///
    /// - Returns: the journal and how the measurement ended; nil where nothing is measured.
    /// - Throws: `usage` for options that are wrong; `failure`; `interrupted`; what `check` throws.
    func measure(on console: Console) async throws -> (Measurement, Outcome)? {
        let common = options.common
        var cells = try options.cells(of: suite, console)
        let metric = try options.guest.metric.chosen(for: cells, inGuest: true)
        let isShort = try common.hasShortSlices(
            of: suite, byTime: metric == .time && !options.alternate)
        if isShort { cells = cells.withShortSlices() }
        var stopping = try options.stopping(cells, metric: metric)
        if layoutsOfOne != nil { stopping = stopping.judgedOnce() }
        let rounds = options.alternate ? nil : try options.boots.count(metric)
        let margin = try options.comparison.margin()
        try placebos?.check(self)
        let layouts = try layouts(metric)
        let kernels = KernelComparison(
            common: common, guest: options.guest, suite: cells, metric: metric,
            stopping: stopping, equivalence: margin, rounds: rounds, relinks: layouts,
            config: options.config, hasShortSlices: isShort)
        // What is wrong with a file or a name shows before kernels are built.
        try options.published.check(for: cells, from: suite)
        if common.list || common.dryRun {
            try await kernels.check(
                [(a, options.appendA), (b, options.appendB)].compactMap { name, words in
                    name.text.map { KernelName(text: $0, option: name.option, words: words) }
                }, console)
        }
        if common.list {
            console.document(list(cells, stopping: stopping, margin: margin, rounds: rounds))
            return nil
        }
        if common.dryRun {
            DryRunList.show(
                guests: [a.text, b.text].compactMap { $0 },
                driveDirectory: options.guest.driveDirectory ?? "/var/tmp", on: console)
            return nil
        }
        let measurement = try Measurement(common, suite: cells.name, console)
        defer { measurement.writer.removeIfEmpty() }
        try Interrupts.catch()
        let names = try names()
        let arms = try await kernels.arms(a: names.a, b: names.b, console)
        var plan = kernels.plan(arms, arguments: console.arguments)
        plan = placebos?.repeating(plan) ?? plan
        plan.comparison?.claims = try options.published.records(
            on: cells, changes: arms.b.changes.subtracting(arms.a.changes))
        if traces { plan.comparison?.evidence = true }
        try await check(plan)
        plan = try measurement.settle(plan, isComplete: true)
        return (measurement, try await kernels.measure(plan, on: arms, in: measurement))
    }

    private func layouts(_ metric: Metric) throws(PlumblineError) -> RelinkPlan {
        var plan = try options.relinks.plan(rounds: options.boots.count(metric))
        guard let layoutsOfOne else { return plan }
        plan.evenAlike = true
        if !plan.isGiven { plan.count = layoutsOfOne }
        return plan
    }

    private func list(
        _ cells: SuiteRecord, stopping: StoppingPlan, margin: Double, rounds: Int?
    ) -> String {
        func machine(_ name: Name, _ words: [String]) -> GuestMachine {
            let name = KernelName(text: name.text ?? "?", option: "", words: words)
            return .init(label: name.label, place: "", agent: .init(executable: ""))
        }
        let plan = Plan.ab(
            cells, a: machine(a, options.appendA), b: machine(b, options.appendB),
            stopping: stopping, equivalence: margin, rounds: rounds, seed: 0)
        return CellList(plan: placebos?.repeating(plan) ?? plan).text
    }

    private func names() throws(PlumblineError) -> (a: KernelName, b: KernelName) {
        guard let first = a.text, let second = b.text else {
            throw .usage(
                "\(command): missing \(a.text == nil ? a.option : b.option)",
                remedy: "name two kernels, such as \(a.option) 6.12 \(b.option) 6.12+pipe-prealloc")
        }
        return (
            KernelName(text: first, option: a.option, words: options.appendA),
            KernelName(text: second, option: b.option, words: options.appendB)
        )
    }
}
