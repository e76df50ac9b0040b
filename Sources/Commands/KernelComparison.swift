// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Experiment
import Journal
import Kernels
import Linux
import Protocol

/// How two kernels are compared: they become arms, the arms a plan, and the plan a journal.
struct KernelComparison {
    /// What the command line says of measuring.
    var common: CommonOptions
    /// The guests.
    var guest: GuestOptions
    /// The cells, with the slices that they are to have.
    var suite: SuiteRecord
    /// What is measured.
    var metric: Metric
    /// When a cell stops.
    var stopping: StoppingPlan
    /// ±X as a fraction.
    var equivalence: Double
    /// Rounds of boots; nil where the guests are up in turn.
    var rounds: Int?
    /// The layouts of the kernels.
    var relinks: RelinkPlan
    /// A whole configuration of the user's own.
    var config: String?
    /// Whether the slices are the short ones, which a cell of slow operations makes longer.
    var hasShortSlices = false

    /// Both kernels with their guests, ready to boot.
    struct Arms {
        var a: KernelArm
        var b: KernelArm
        fileprivate var agent: String
    }

    /// Builds what is missing and makes the guests.
    ///
    /// - Throws: as `KernelArmSource.arms`; `failure` without an agent.
    func arms(
        a: KernelName, b: KernelName, _ console: Console
    ) async throws(PlumblineError) -> Arms {
        let source = try source(agent: common.findAgent(console), console)
        let arms = try await source.arms([a, b])
        return Arms(a: arms[0], b: arms[1], agent: source.agent)
    }

    /// Refuses kernels that `arms` would refuse before it builds anything.
    ///
    /// - Throws: as `KernelArmSource.arms`.
    func check(_ kernels: [KernelName], _ console: Console) async throws(PlumblineError) {
        try await source(agent: "", console).check(kernels)
    }

    /// Builds a kernel in the layouts that it is to have.
    ///
    /// - Returns: why it cannot be built; nil once it is in the cache.
    /// - Throws: `interrupted`; `failure` without an agent.
    func buildFailure(
        of kernel: KernelName, _ console: Console
    ) async throws(PlumblineError) -> PlumblineError? {
        let source = try source(agent: common.findAgent(console), console)
        do {
            try await source.build(kernel)
            return nil
        } catch {
            guard error.kind != .interrupted else { throw error }
            return error
        }
    }

    /// What is to be measured.
    ///
    /// - Parameter arguments: the command line as it was typed.
    func plan(_ arms: Arms, arguments: [String]) -> Plan {
        let plan = Plan.ab(
            suite, a: arms.a.machine, b: arms.b.machine, stopping: stopping,
            equivalence: equivalence, rounds: rounds, relinks: arms.a.paddings, metric: metric,
            seed: common.chosenSeed, arguments: arguments)
        return hasShortSlices ? plan.withShortSlices() : plan
    }

    /// Measures a plan that is settled.
    func measure(
        _ plan: Plan, on arms: Arms, in measurement: Measurement
    ) async throws -> Outcome {
        let target = GuestPairTarget(
            a: arms.a.machine, b: arms.b.machine, host: .init(executable: arms.agent),
            alternates: rounds == nil, schedule: Schedule(plan),
            isInterrupted: Measurement.isInterrupted, report: measurement.report)
        return try await measurement.run(plan, on: target)
    }

    /// Compares two kernels in the journal at a path. One that ended early goes on; one that is
    /// finished is only read.
    ///
    /// - Throws: `interrupted` when a signal ended it early; else as `arms` and the runner.
    func journal(
        a: KernelName, b: KernelName, at path: String, _ console: Console
    ) async throws -> StoredJournal {
        if let finished = Self.finished(at: path) { return finished }
        var common = common
        common.output = path
        common.resume = SystemFile.exists(path)
        let measurement = try Measurement(common, suite: suite.name, console)
        defer { measurement.writer.removeIfEmpty() }
        let arms = try await arms(a: a, b: b, console)
        let plan = try measurement.settle(
            plan(arms, arguments: console.arguments), isComplete: true)
        let outcome = try await measure(plan, on: arms, in: measurement)
        guard !outcome.interrupted else {
            throw PlumblineError(
                .interrupted, "interrupted", remedy: "run the same command again to continue")
        }
        return try StoredJournal(readingFrom: path)
    }

    /// The SHA-256 of the user's own configuration; nil without one.
    ///
    /// - Throws: `usage` when it cannot be read.
    func configHash() throws(PlumblineError) -> String? {
        guard let config else { return nil }
        do {
            // Non-blocking, for a pipe without a writer.
            let file = try Descriptor.open(config, [.read, .nonblocking])
            return BuildHash.hex(try file.readAll())
        } catch {
            throw .usage("cannot read the configuration \(config): \(error)")
        }
    }

    /// The journal at a path, if its experiment is finished.
    static func finished(at path: String) -> StoredJournal? {
        guard SystemFile.exists(path), let journal = try? StoredJournal(readingFrom: path),
            journal.ending?.state == .finished
        else { return nil }
        return journal
    }

    private func source(agent: String, _ console: Console) -> KernelArmSource {
        KernelArmSource(
            guest: guest, suite: suite, config: config, guests: rounds == nil ? 1 : 2,
            agent: agent, console: console, quiet: common.quiet,
            relinks: relinks)
    }
}
