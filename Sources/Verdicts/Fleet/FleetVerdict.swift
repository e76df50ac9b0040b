// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal
import Protocol
import Statistics

/// What the journals of many machines say together, the machine being the unit.
public struct FleetVerdict: Sendable {
    /// One machine's value of a cell.
    package struct Value: Sendable {
        /// The machine's name.
        package var machine: String
        /// The change from A to B in percent; nil where nothing counts, and with one arm.
        package var effect: Double?
        /// Rounds of boots or blocks that it rests on.
        package var units: Int
        /// Each arm's figure that is compared, A first; one for a run.
        package var figures: [Double?]
        /// The workers' direct reclaims a second; nil where an arm has not counted them.
        package var workerStalls: Double?
        /// Whether it lies far from the others; it counts all the same.
        package var isFar: Bool
        /// Why the machine has no value.
        package var absence: String?
    }

    /// A cell over all machines.
    public struct Cell: Sendable {
        /// The answer; its rounds are the machines. Of a run it has no effect and says nothing.
        public internal(set) var verdict: CellVerdict
        /// The machines' values in the order of the machines.
        package let values: [Value]
        /// Of a run, how much the machines' rates differ: their standard deviation, percent.
        package let rateSpread: Double?

        /// The machines whose workers were not in direct reclaim where memory was to be scarce.
        package var unpressed: [String] {
            guard verdict.plan.makesMemoryScarce else { return [] }
            return values.filter {
                ($0.workerStalls ?? .infinity) < CellVerdict.leastWorkerStalls
            }.map(\.machine)
        }
    }

    /// The first machine's header.
    public let header: JournalHeader
    /// The machines' names.
    public let machines: [String]
    /// The cells in the order of the suite.
    public let cells: [Cell]
    /// In what the machines differ.
    public let differences: [MachineDifference]
    /// Machines that are still to be measured.
    public let waiting: Int
    /// What a person should know of the journals.
    public let warnings: [String]
    /// Whether a gate lets "inconclusive" pass.
    public var inconclusiveIsOK = false

    /// Judges machines; nil without any.
    ///
    /// - Parameter waiting: machines that are still to be measured.
    /// - Throws: `NotComparable`, naming each field that may not differ and the machines.
    public init?(
        _ machines: [MachineSummary], waiting: Int = 0
    ) throws(JournalComparison.NotComparable) {
        guard let first = machines.first else { return nil }
        let refusals = MachineDifference.refusals(machines)
        guard refusals.isEmpty else { throw .init(reasons: refusals) }
        header = first.header
        self.machines = machines.map(\.name)
        self.waiting = waiting
        differences = MachineDifference.all(machines)
        warnings = machines.flatMap { machine in
            machine.warnings.map { "\(machine.name): \($0)" }
        }
        if first.header.comparison?.rule == .repeated {
            throw .init(reasons: ["instructions are compared within one journal"])
        }
        let rule = Self.rule(first.header, machines)
        var verdicts: [CellVerdict] = first.header.suite.cells.enumerated().map { place, plan in
            rule.map {
                CellVerdict(
                    plan, machines: machines.map { ($0.name, $0.cells[place]) },
                    metric: first.header.cellMetric, rule: $0, waiting: waiting)
            } ?? CellVerdict(plan, metric: first.header.cellMetric)
        }
        let level = first.header.comparison?.alpha ?? 0.05
        CellMatrix.adjust(&verdicts, level: level)
        if rule != nil, waiting == 0 { verdicts.takeApart(by: machines, level: level) }
        if machines.contains(where: { $0.header.comparison?.areTwoMachines == true }) {
            for place in verdicts.indices { verdicts[place].requireOneMachine() }
        }
        cells = verdicts.enumerated().map { place, verdict in
            Cell(verdict, machines.map { ($0.name, $0.cells[place]) })
        }
    }

    /// One look at all machines; nil for a run, which has no arms to compare.
    private static func rule(
        _ header: JournalHeader, _ machines: [MachineSummary]
    ) -> VerdictRule? {
        guard let comparison = header.comparison,
            let margin = try? EquivalenceMargin(fraction: comparison.equivalence)
        else { return nil }
        // More machines with the same two images do not remove what their layouts do.
        let areTwoImages =
            comparison.areTwoImages && header.metric == .time
            && !machines.allSatisfy(\.layoutsVary)
        return VerdictRule(
            stopping: FixedSample(), margin: margin,
            direction: header.metric == .time ? .higherIsBetter : .lowerIsBetter,
            areTwoImages: areTwoImages, seed: header.seed)
    }

    /// Whether claims were published of a cell; they are not judged over machines.
    public var hasClaims: Bool {
        header.comparison?.claims?.values.contains { !$0.isEmpty } == true
    }

    /// How many cells have this verdict; none of a run.
    public func count(_ outcome: Verdict.Outcome) -> Int {
        header.comparison == nil ? 0 : cells.count { $0.verdict.outcome == outcome }
    }

    /// As `VerdictReport.exitCode`; of a run 4 while machines are to come, else 0.
    public var exitCode: Int32 {
        if cells.isEmpty { return 5 }
        if count(.regressed) > 0 { return 3 }
        if count(.invalid) > 0 { return 5 }
        let isOpen = waiting > 0 || count(.inconclusive) + count(.imagesDiffer) > 0
        return isOpen && !inconclusiveIsOK ? 4 : 0
    }
}

extension [CellVerdict] {
    /// Takes effects apart with the machine as the unit; a control in which the workers of one
    /// machine reclaim is none.
    fileprivate mutating func takeApart(by machines: [MachineSummary], level: Double) {
        takeApart(
            level: level,
            stalls: { place in machines.compactMap { $0.cells[place].workerStalls }.max() },
            effects: { place in UnitEffects(machines: machines.map { $0.cells[place].mean }) })
    }
}

extension FleetVerdict.Cell {
    init(_ verdict: CellVerdict, _ machines: [(name: String, cell: MachineSummary.Cell)]) {
        self.verdict = verdict
        let means = machines.map(\.cell.mean)
        let present = means.indices.filter { means[$0] != nil }
        let far = Set(FarValues.places(in: means.compactMap { $0 }).map { present[$0] })
        values = machines.enumerated().map { number, machine in
            FleetVerdict.Value(
                machine: machine.name, effect: means[number].map(Percent.change(ofLogRatio:)),
                units: machine.cell.units.count, figures: machine.cell.figures,
                workerStalls: machine.cell.workerStalls, isFar: far.contains(number),
                absence: machine.cell.trouble?.error.message ?? machine.cell.absence)
        }
        let rates = machines.compactMap { $0.cell.figures.count == 1 ? $0.cell.figures[0] : nil }
            .filter { $0 > 0 }
        rateSpread = (try? Moments(rates)).map { 100 * $0.deviation / $0.mean }
    }
}
