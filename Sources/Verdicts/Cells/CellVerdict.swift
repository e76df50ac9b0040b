// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics

/// What a comparison says of one cell.
public struct CellVerdict: Sendable {
    /// One arm's figures.
    public struct Side: Sendable {
        package var total = ArmTotal()
        /// By kind of operation, over the slices that count; writes first, then reads.
        package var latencies: [(track: String, record: LatencyRecord)] = []
        /// The latencies of each unit, by kind of operation as in `latencies`; empty where units were
        /// not told apart.
        package var latencyUnits: [[UnitTail]] = []
        /// Instructions per operation, where they are what was counted.
        package var instructions: Double?
        /// The same of each boot, where boots are judged by how they repeat.
        package var bootInstructions: [Double] = []
    }

    /// The cell.
    public let plan: CellPlan
    /// What its rate is counted in.
    public internal(set) var metric: CellMetric
    /// The answer, after adjustment over the cells.
    public internal(set) var outcome: Verdict.Outcome
    /// Why it is invalid.
    public internal(set) var error: PlumblineError?
    /// What a reader should know of the answer.
    public internal(set) var tags: [String] = []
    /// The change from A to B in percent; absent without a block that counts.
    public internal(set) var effect: Double?
    /// Its interval in percent; absent when the data do not bound it.
    public internal(set) var interval: Interval?
    /// The two-sided p of no difference.
    public internal(set) var p: Double?
    /// The same, adjusted for the number of cells.
    public internal(set) var adjustedP: Double?
    /// Blocks that the answer rests on.
    public internal(set) var blocks = 0
    /// Blocks with a void slice.
    public internal(set) var voidBlocks = 0
    /// Blocks that ended early, or whose round of boots did.
    public internal(set) var incompleteBlocks = 0
    /// Rounds of boots that the answer rests on.
    public internal(set) var rounds = 1
    /// Whether rounds of boots, not blocks, are the units.
    public internal(set) var countsRounds = false
    /// The spread of boots and that of blocks within them; absent in one boot.
    public internal(set) var spread: RoundSpread?
    /// X*, percent.
    public internal(set) var noLargerThan: Double?
    /// MDE80, percent.
    public internal(set) var detectable: Double?
    /// What would decide at this estimate with a power of 0.8.
    public internal(set) var needed: DataNeeded?
    /// Further figures by name, for those who check the answer.
    public internal(set) var evidence: [String: Double] = [:]
    /// The arms, A first.
    public internal(set) var arms: [Side] = [Side(), Side()]
    /// The arms' totals in each unit, a round of boots or a block, those that the verdict leaves out
    /// as warm-up among them; none between two journals.
    package internal(set) var unitTotals: [(a: ArmTotal, b: ArmTotal)] = []
    /// How the tails of latencies differ, those of them that have an interval.
    public internal(set) var tails: [TailChange] = []
    /// An example of each void's reason in words.
    public internal(set) var voidDetails: [String: String] = [:]
    /// What was claimed of this cell, and how the measurement stands to it.
    public internal(set) var claim: ClaimVerdict?
    /// What its effect is made of; absent without controls.
    public internal(set) var parts: EffectParts?
    /// Rounds or blocks that the header planned; absent where no number of them was planned.
    public internal(set) var plannedUnits: Int?
    /// Whether the answer rests on fewer units than were planned. Its size is then no figure to
    /// hold a claim against: a look stopped the cell, or the experiment ended early. Always so
    /// where no number of units was planned.
    public internal(set) var stoppedEarly = false
    /// The blocks in the order in which they ran; empty between two journals.
    package internal(set) var timeline = CellTimeline()
    /// What the kernels counted in some of the slices that count.
    package internal(set) var counters: [CounterRates] = []
    /// What the kernels did for the workers; nil where they were not traced.
    package var mechanism: MechanismComparison?
    /// The metrics of a foreign program that are told beside the one that is judged.
    package var told: [ToldMetric] = []
    /// Whether hogs ran on the workers' CPUs.
    package var sharesCPUs = false
    /// Requests in flight on the device on average, of so many at most; nil without a queue, and
    /// where nothing counted them.
    package var inFlight: (mean: Double, most: Int)?
    /// The log ratios of the mean write latency, one a unit; nil where they were not taken.
    package var writeLatency: [Double]?
    /// What the adjustment over cells needs; absent where nothing could be judged.
    package var alone: LoneVerdict?

    init(_ plan: CellPlan, metric: CellMetric? = nil) {
        self.plan = plan
        self.metric = metric ?? CellMetric(plan)
        outcome = .inconclusive
    }

    /// An arm's figure that is compared: a rate, instructions per operation, or the metric of a
    /// foreign program.
    package func figure(_ arm: Side) -> Double? {
        switch metric {
        case .instructions: arm.instructions ?? arm.total.instructionsPerOperation
        case .own: arm.total.value
        case .bandwidth, .iops: arm.total.rate
        }
    }

    /// |effect| over its standard error; of instructions that a guest's clock counted, over the gap
    /// between boots that is needed. Nil where neither is known or it is 0.
    package var effectOverNoise: Double? {
        if let alone {
            let noise = alone.estimate.standardError
            return noise > 0 ? abs(alone.estimate.estimate) / noise : nil
        }
        guard metric == .instructions, let effect, let detectable, detectable > 0 else {
            return nil
        }
        return abs(effect) / detectable
    }

    /// How many units the answer rests on.
    package var units: Int { countsRounds ? rounds : blocks }

    /// What counting instructions resolves at best: equal kernels were seen to differ by 0.01 % in
    /// guests while each repeated to the digit, and on a machine itself an arm that takes longer
    /// has more timer interrupts an operation.
    package static let resolution = 0.0005

    /// Takes a difference back that is too small for the metric.
    mutating func requireResolution() {
        guard metric == .instructions, outcome.isDifference,
            let alone, abs(effect ?? 0) < 100 * Self.resolution
        else { return }
        outcome = alone.isWithinMargin ? .equivalent : .inconclusive
        tagDifference()
        tags.append("below-resolution")
    }

    /// Says that only two images differ, where their code layout alone can make the difference.
    mutating func requireLayouts() {
        guard alone?.areTwoImages == true, outcome.isDifference, Verdict.mayBeLayout(interval)
        else { return }
        outcome = .imagesDiffer
    }

    /// How the tags of a cell begin of whose rounds some are void, because an arm was lost; the arm
    /// follows.
    package static let lostRounds = "lost-rounds"
    /// The tag of a cell of which two rounds had one layout of a kernel.
    package static let sharedLayouts = "shared-layouts"

    /// Says how many rounds each arm lost, of a cell that has others.
    mutating func noteLostRounds(_ rounds: [RoundVoid]) {
        guard blocks > 0 else { return }
        for arm in Arm.allCases {
            let count = Set(rounds.filter { $0.arm == arm }.map(\.round)).count
            guard count > 0 else { continue }
            tags.append("\(Self.lostRounds)-\(arm.rawValue.lowercased())")
            evidence["lost_rounds_\(arm.rawValue.lowercased())"] = Double(count)
        }
    }

    /// The tag of a cell whose arms ran on two machines.
    package static let twoMachines = "two-machines"

    /// Takes an answer back that two machines give, each with its kernel: a difference may be the
    /// machines', and where none is seen they may cancel the kernels'.
    mutating func requireOneMachine() {
        guard outcome.isDifference || outcome == .equivalent || outcome == .imagesDiffer else {
            return
        }
        outcome = .imagesDiffer
        tags.append(Self.twoMachines)
    }

    /// Has the tags of a difference where one is shown, and where none is has them not.
    mutating func tagDifference() {
        guard let alone else { return }
        tags.removeAll(where: alone.differenceTags.contains)
        if outcome.isDifference || outcome == .imagesDiffer { tags += alone.differenceTags }
    }

    /// Says that no answer can be given, and why.
    mutating func invalidate(_ error: PlumblineError, tag: String) {
        outcome = .invalid
        self.error = self.error ?? error
        tags.append(tag)
    }
}

/// What a cell shows by itself, before the adjustment over cells.
package struct LoneVerdict: Sendable {
    /// The p that is adjusted: over all looks so far.
    var p: Double
    /// The log ratio with its error.
    var estimate: StudentT
    /// Whether the change is shown to be smaller than the margin.
    package var isWithinMargin: Bool
    /// The tags that the cell has while it shows a difference, and only then.
    var differenceTags: [String] = []
    /// Whether the arms are two images of one layout each.
    var areTwoImages = false
    /// The level that a difference is held against after all that was planned.
    var level = 0.05
}
