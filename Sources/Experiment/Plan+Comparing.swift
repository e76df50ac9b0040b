// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal
import Linux
import Protocol
import Verdicts

extension Plan {
    /// Compares two values of knobs on one kernel.
    ///
    /// - Parameters:
    ///   - equivalence: ±X as a fraction.
    ///   - rounds: boots of a guest over which the blocks are spread evenly, as for `stopping`; nil
    ///     on the running kernel.
    ///   - warmup: on the running kernel, the least guard of a cell's first slice, nanoseconds; one
    ///     block that does not count follows it in any case.
    /// - Throws: `usage` when a cell does not take a knob's value.
    package static func toggle(
        _ suite: SuiteRecord, knobs: [Knob], stopping: StoppingPlan, equivalence: Double,
        rounds: Int? = nil, metric: Metric = .time, seed: UInt64, arguments: [String] = [],
        warmup: Int = 2_000_000_000
    ) throws(PlumblineError) -> Plan {
        // A cell has one name in both arms: the knobs' settings are not among its own.
        var neutral = try KnobSettings(knobs).neutral(suite)
        if rounds == nil { neutral.warmup = max(neutral.warmup, warmup) }
        func arm(_ arm: Arm) -> ComparisonRecord.Arm {
            .init(label: knobs.map { $0.label(arm) }.joined(separator: " "))
        }
        var comparison = stopping.record(
            arms: .init(a: arm(.a), b: arm(.b)), knobs: knobs.map(\.record),
            equivalence: equivalence)
        comparison.rounds = rounds
        return Plan(
            .toggle, neutral, seed: seed, arguments: arguments, metric: metric,
            comparison: comparison)
    }

    /// Has both arms run in one guest.
    package mutating func move(into machine: GuestMachine) {
        guest = machine.agent.guest
        let deviations = machine.deviations.isEmpty ? nil : machine.deviations
        for arm in [\ComparisonRecord.Arms.a, \.b] {
            comparison?.arms[keyPath: arm].target = machine.place
            comparison?.arms[keyPath: arm].deviations = deviations
        }
    }

    /// Compares two kernels.
    ///
    /// - Parameters:
    ///   - equivalence: ±X as a fraction.
    ///   - rounds: pairs of boots over which the blocks are spread evenly, as for `stopping`; nil
    ///     where the arms are up one after the other, so that each block spans a pair of boots.
    ///   - relinks: the padding of each layout of both kernels; nil where each has one.
    package static func ab(
        _ suite: SuiteRecord, a: GuestMachine, b: GuestMachine,
        stopping: StoppingPlan, equivalence: Double, rounds: Int?, relinks: [Int]? = nil,
        metric: Metric = .time, seed: UInt64, arguments: [String] = []
    ) -> Plan {
        func arm(_ machine: GuestMachine) -> ComparisonRecord.Arm {
            .init(
                label: machine.label, target: machine.place, host: machine.host,
                guest: machine.agent.guest,
                deviations: machine.deviations.isEmpty ? nil : machine.deviations)
        }
        var comparison = stopping.record(
            arms: .init(a: arm(a), b: arm(b)), knobs: [], equivalence: equivalence)
        comparison.rounds = rounds
        comparison.relinks = relinks
        return Plan(
            .ab, suite, seed: seed, arguments: arguments, metric: metric, comparison: comparison)
    }

    /// Has two machines swap the kernels half way through each round, which gets an even number of
    /// blocks: a round's mean is then free of what the machines differ by.
    package mutating func swapKernels(between machines: [String]) {
        guard let each = roundBlocks, var comparison, let rounds = comparison.rounds else { return }
        let even = each + each % 2
        comparison.blocks = rounds * even
        comparison.mostBlocks = comparison.mostBlocks.map { $0 / each * even }
        comparison.machines = machines
        self.comparison = comparison
        host = machines.joined(separator: " and ")
    }

    /// Where the one kernel that greets runs, in words, such as `6.1.0 on testbox`.
    func name(of kernel: String) -> String { host.map { "\(kernel) on \($0)" } ?? kernel }

    /// With slices as short as comparisons have them: noise that lasts longer than a block cancels.
    ///
    /// 50 ms after a guard of 10 ms; cells into whose slices fewer than 200 operations fit get
    /// longer ones.
    package func withShortSlices() -> Plan {
        var plan = self
        plan.suite = plan.suite.withShortSlices()
        plan.leastOperations = 200
        return plan
    }

    /// The kernels in words; nil where the one that greets is measured.
    var kernels: String? {
        guard kind == .ab, let arms = comparison?.arms else { return nil }
        return "\(arms.a.label) against \(arms.b.label)"
    }

    /// The most slices, those of warm-ups included.
    var mostSlices: Int {
        guard let comparison else { return suite.cells.count * suite.slices }
        let blocks = comparison.limit + (warmsUp ? 1 : 0)
        return suite.cells.count * blocks * Block.length
    }

    /// How long the cells take at most, nanoseconds; booting and setting up is not in it.
    package var plannedTime: Int {
        // One slice of each cell.
        let slices = suite.cells.reduce(0) { $0 + suite.time(of: $1) }
        let cold = max(0, suite.warmup - suite.guardTime)
        guard let comparison else { return suite.slices * slices + suite.cells.count * cold }
        let machines = kind == .ab ? 2 : 1
        let boots = bootBlocks.map { machines * ((comparison.limit + $0 - 1) / $0) } ?? 1
        return mostSlices / max(1, suite.cells.count) * slices + suite.cells.count * boots * cold
    }
}

extension SuiteRecord {
    /// The suite with the slices that comparisons have unless the user gives a length.
    ///
    /// Where all cells are programs that are run once a slice, it is what is assumed of a run.
    package func withShortSlices() -> SuiteRecord {
        var suite = self
        let hasLengths = cells.contains { $0.program?.endsSlice != true }
        guard hasLengths || cells.isEmpty else {
            (suite.slice, suite.guardTime) = (Self.assumedRun, 0)
            return suite
        }
        (suite.slice, suite.guardTime) = (Self.shortSlice, Self.shortGuard)
        return suite
    }

    private static var shortSlice: Int { 50_000_000 }
    private static var shortGuard: Int { 10_000_000 }
    /// How long a run of a program is taken to last while nothing is known of it, nanoseconds.
    private static var assumedRun: Int { 1_000_000_000 }

    /// How long a slice of a cell is expected to take with its guard, nanoseconds.
    ///
    /// A program that is run once a slice has no guard and takes its own time: what the user gave as
    /// the length of slices, or a second.
    package func time(of cell: CellPlan) -> Int {
        guard cell.program?.endsSlice == true else { return slice + guardTime }
        return slice == Self.shortSlice && guardTime == Self.shortGuard ? Self.assumedRun : slice
    }
}

extension JournalHeader {
    /// The header of an experiment that begins now.
    init(_ plan: Plan, on host: Hello) {
        let now = Clock.realtimeNanoseconds()
        let random = String(UInt32.random(in: 0 ... .max), radix: 16)
        let word = String(repeating: "0", count: 8 - random.utf8.count) + random
        self.init(
            id: "\(Timestamp.compact(now))-\(word)", startedAt: now, host: host, plan: plan)
    }
}
