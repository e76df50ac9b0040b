// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// What a kernel did for the workers of one cell on one arm, traced in a visit of its own after the
/// measurement. Its slices count for no time.
public struct CellMechanism: Codable, Sendable, Equatable {
    /// One quantity over the traced slices.
    public struct Count: Codable, Sendable, Equatable {
        /// What was counted.
        public var quantity: MechanismCount.Quantity
        /// The function of the kernel that wanted the memory; absent for all of them together.
        public var function: String?
        /// The value in each slice, in the quantity's unit; of a percentile, one over all slices, and
        /// of a part none of a slice without it.
        public var values: [Double]

        private enum CodingKeys: String, CodingKey {
            case quantity = "name"
            case function, values
        }

        /// A quantity.
        public init(
            _ quantity: MechanismCount.Quantity, of function: String? = nil, values: [Double]
        ) {
            self.quantity = quantity
            self.function = function
            self.values = values
        }
    }

    /// The most slices that a line may have.
    static let mostSlices = 1000
    /// Fewer waits than this have no p99.
    static let leastWaits = 100

    /// The cell's name.
    public var cell: String
    /// The arm.
    public var arm: Arm
    /// Slices that were traced, in which operations completed and nothing was dropped.
    public var slices: Int
    /// Operations in them.
    public var operations: UInt64
    /// The time in which so many are done at the sum of the workers' rates, nanoseconds.
    public var interval: UInt64
    /// Events that were dropped in other slices, because a buffer was full.
    public var dropped: Int
    /// What was counted; nothing where no slice is left.
    public var counts: [Count]

    private enum CodingKeys: String, CodingKey {
        case cell, arm, slices, operations
        case interval = "interval_ns"
        case dropped, counts
    }

    /// A record of nothing.
    public init(cell: String, arm: Arm) {
        self.cell = cell
        self.arm = arm
        slices = 0
        operations = 0
        interval = 0
        dropped = 0
        counts = []
    }

    /// Puts slices together: what a slice lacks was 0 in it, unless it is of a part.
    ///
    /// A quantity that is 0 in all is kept, because that was counted too; a function that a slice does
    /// not name had no part there.
    public init(cell: String, arm: Arm, _ slices: [SliceRecord]) {
        self.init(cell: cell, arm: arm)
        let whole = slices.filter { $0.mechanism?.dropped == 0 && $0.operations > 0 }
        dropped = slices.reduce(0) { $0 + ($1.mechanism?.dropped ?? 0) }
        self.slices = whole.count
        operations = whole.reduce(0) { $0 &+ $1.operations }
        interval = whole.reduce(0) { $0 &+ $1.interval }
        let traces = whole.compactMap(\.mechanism)
        for trace in traces {
            for count in trace.counts
            where !counts.contains(where: {
                $0.quantity == count.quantity && $0.function == count.function
            }) {
                let values = traces.compactMap { trace in
                    trace.counts.first {
                        $0.quantity == count.quantity && $0.function == count.function
                    }?.value ?? (count.quantity.isOfPart ? nil : 0)
                }
                counts.append(Count(count.quantity, of: count.function, values: values))
            }
        }
        let waits = traces.flatMap(\.waits).sorted()
        if waits.count >= Self.leastWaits {
            let rank = (99 * waits.count + 99) / 100
            counts.append(Count(.waitP99, values: [Double(waits[rank - 1])]))
        }
    }

    /// Operations a second in the traced slices; nil when nothing ran.
    public var rate: Double? {
        interval > 0 ? Double(operations) / Double(interval) * 1e9 : nil
    }

    /// Refuses what no experiment writes.
    ///
    /// - Throws: `failure` naming the number.
    func checkLimits() throws(PlumblineError) {
        try JournalHeader.check(slices, in: 0...Self.mostSlices, "a number of slices")
        try JournalHeader.check(dropped, in: 0...Int(Int32.max), "a number of events")
        for count in counts {
            guard count.values.count <= Self.mostSlices, count.values.allSatisfy(\.isFinite) else {
                throw .failure("it has more than \(Self.mostSlices) values of a count")
            }
        }
    }
}
