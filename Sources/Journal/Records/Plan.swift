// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// An experiment as it is settled before its first slice; the journal's header holds it.
public struct Plan: Codable, Sendable, Equatable {
    /// The ways to measure.
    public enum Kind: String, Codable, Sendable {
        /// One kernel as it is: one arm, and no rule of stopping.
        case run
        /// A knob flipped between slices, on the running kernel or in a guest.
        case toggle
        /// Two kernels, slices in turn.
        case ab
    }

    /// The way to measure.
    public var kind: Kind
    /// The command line as it was typed, the program's name left out.
    public var arguments: [String]
    /// What is measured.
    public var suite: SuiteRecord
    /// Decides the order of cells and arms, offsets and verified data.
    public var seed: UInt64
    /// What the cells are measured in.
    public var metric: Metric
    /// The guest that is measured; absent for this machine, and where the arms say theirs.
    public var guest: GuestRecord?
    /// The address of the machine that is measured, without the user, or the addresses of two that
    /// swap kernels; absent for this machine, and where the arms say theirs.
    public var host: String?
    /// Whether perf counters watch the workers; absent for no.
    public var counters: Bool?
    /// Operations that must fit into a slice, or a cell's slices get longer; absent where the length
    /// was given.
    public var leastOperations: Int?
    /// What is compared, and when it stops; absent for one arm.
    public var comparison: ComparisonRecord?

    private enum CodingKeys: String, CodingKey {
        case kind
        case arguments = "argv"
        case suite, seed, metric, guest, host, counters
        case leastOperations = "least_operations"
        case comparison
    }

    /// A plan.
    public init(
        _ kind: Kind, _ suite: SuiteRecord, seed: UInt64, arguments: [String] = [],
        metric: Metric = .time, guest: GuestRecord? = nil, host: String? = nil,
        counters: Bool = false, comparison: ComparisonRecord? = nil
    ) {
        self.kind = kind
        self.arguments = arguments
        self.suite = suite
        self.seed = seed
        self.metric = metric
        self.guest = guest
        self.host = host
        self.counters = counters ? true : nil
        self.comparison = comparison
    }

    /// Whether machines boot anew each round, so that rounds are the units of the verdict.
    public var bootsRounds: Bool { kind == .ab || comparison?.rounds != nil }

    /// Whether the arms are up one after the other, each for half of a block.
    public var alternates: Bool { kind == .ab && comparison?.rounds == nil }

    /// Blocks of a cell in one round of boots; nil where all run in one boot.
    public var roundBlocks: Int? {
        guard bootsRounds, let comparison else { return nil }
        let rounds = max(1, comparison.rounds ?? comparison.blocks)
        return (comparison.blocks + rounds - 1) / rounds
    }

    /// How often each machine boots in a round: twice where two machines swap kernels.
    public var bootsPerRound: Int { comparison?.machines == nil ? 1 : 2 }

    /// Blocks of a cell in one boot of both arms; nil where all run in one boot.
    public var bootBlocks: Int? { roundBlocks.map { $0 / bootsPerRound } }

    /// The units that the rule of a comparison plans: rounds of boots or, in one boot, blocks.
    public var plannedUnits: Int? {
        comparison.map { bootsRounds ? $0.rounds ?? $0.blocks : $0.blocks }
    }

    /// Whether a cell begins with a block that does not count.
    public var warmsUp: Bool {
        !bootsRounds && kind == .toggle || leastOperations != nil && !alternates
    }

    /// Whether the machine's PMU counts instructions.
    public var countsInstructions: Bool { metric == .pmu }

    /// Whether this plan goes on where another one ended.
    ///
    /// The words of the command line, the seed, whether kernels are traced afterwards, and the
    /// host's clock rate on a guest's command line, which is measured anew each time, make no difference; nor do guests' hosts where one of the
    /// plans does not say them.
    public func continues(_ other: Plan) -> Bool {
        let withHost = guestHost != nil && other.guestHost != nil
        return essence(withHost: withHost) == other.essence(withHost: withHost)
    }

    private var guestHost: GuestRecord.Host? { (guest ?? comparison?.arms.b.guest)?.host }

    private func essence(withHost: Bool) -> Plan {
        func essence(_ guest: GuestRecord?) -> GuestRecord? {
            guard var guest else { return nil }
            guest.dropClockRate()
            guest.host?.memory = 0
            if !withHost { guest.host = nil }
            return guest
        }
        var plan = self
        plan.arguments = []
        plan.seed = 0
        plan.comparison?.evidence = nil
        plan.guest = essence(guest)
        plan.comparison?.arms.a.guest = essence(comparison?.arms.a.guest)
        plan.comparison?.arms.b.guest = essence(comparison?.arms.b.guest)
        return plan
    }
}

extension GuestRecord {
    /// Leaves out the host's clock rate, which is measured anew for each guest.
    package mutating func dropClockRate() {
        commandLine = commandLine.split(separator: " ")
            .filter { !$0.hasPrefix("tsc_early_khz=") }.joined(separator: " ")
    }
}
