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
        /// The value in each slice that has one, in the quantity's unit; of a percentile, one over all
        /// slices where a slice alone has too few waits.
        public var values: [Double]
        /// What each value is told of, see `MechanismCount.base`: so much it weighs. Absent where all
        /// weigh the same.
        public var bases: [Double]?

        private enum CodingKeys: String, CodingKey {
            case quantity = "name"
            case function, values, bases
        }

        /// A quantity.
        public init(
            _ quantity: MechanismCount.Quantity, of function: String? = nil, values: [Double],
            bases: [Double]? = nil
        ) {
            self.quantity = quantity
            self.function = function
            self.values = values
            self.bases = bases
        }
    }

    /// The most slices that a line may have.
    static let mostSlices = 1000
    /// Fewer waits than this have no p99.
    static let leastWaits = 100
    /// A slice with fewer operations than this gives no value for an operation, and so for requests
    /// and a cache's allocations.
    ///
    /// What is in flight at a slice's borders is counted on one side of them only. With 50 operations
    /// that is up to 2 % of a value for each one in flight, and more with fewer.
    public static let leastEvents = 50

    /// The cell's name.
    public var cell: String
    /// The arm.
    public var arm: Arm
    /// Slices that were traced, in which operations completed and nothing was dropped.
    public var slices: Int
    /// Those of them with fewer than `leastEvents` operations; absent where there are none.
    public var smallSlices: Int?
    /// Those of them that were void, by reason; absent where there are none. They are not left out:
    /// they were traced again, and were void each time.
    public var voids: [String: Int]?
    /// Operations in them.
    public var operations: UInt64
    /// The time in which so many are done at the sum of the workers' rates, nanoseconds.
    public var interval: UInt64
    /// Events that were dropped in other slices, because a buffer was full.
    public var dropped: Int
    /// How long tracing the cell took, with its preparation, nanoseconds; of the first cell with the
    /// boots. Absent in a journal of a version that did not record it.
    public var time: UInt64?
    /// What was counted; nothing where no slice is left.
    public var counts: [Count]

    private enum CodingKeys: String, CodingKey {
        case cell, arm, slices
        case smallSlices = "small_slices"
        case voids, operations
        case interval = "interval_ns"
        case dropped
        case time = "time_ns"
        case counts
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

    /// Puts slices together.
    ///
    /// A quantity that is 0 in all is kept, because that was counted too. A function that a slice does
    /// not name had no part there, unless the slice names none.
    public init(cell: String, arm: Arm, _ slices: [SliceRecord]) {
        self.init(cell: cell, arm: arm)
        let whole = slices.filter { $0.mechanism?.dropped == 0 && $0.operations > 0 }
        dropped = slices.reduce(0) { $0 + ($1.mechanism?.dropped ?? 0) }
        self.slices = whole.count
        operations = whole.reduce(0) { $0 &+ $1.operations }
        interval = whole.reduce(0) { $0 &+ $1.interval }
        let small = whole.count { $0.operations < Self.leastEvents }
        smallSlices = small > 0 ? small : nil
        let reasons = whole.flatMap(\.validity.reasons.keys)
        voids = reasons.isEmpty ? nil : Dictionary(reasons.map { ($0, 1) }, uniquingKeysWith: +)
        add(whole.compactMap(\.mechanism))
    }

    private mutating func add(_ traces: [MechanismRecord]) {
        var known: Set<MechanismCount.Name> = []
        for name in traces.flatMap(\.counts).map(\.name) where known.insert(name).inserted {
            let found = traces.compactMap { $0.count(name) }
                .filter { !name.quantity.isOfEvents || $0.base >= Double(Self.leastEvents) }
            guard !found.isEmpty else { continue }
            counts.append(
                Count(
                    name.quantity, of: name.function, values: found.map(\.value),
                    bases: found.map(\.base)))
        }
        let waits = traces.map(\.waits)
        let parts =
            waits.allSatisfy { $0.count >= Self.leastWaits } ? waits : [waits.flatMap(\.self)]
        let values = parts.filter { $0.count >= Self.leastWaits }.map { waits in
            Double(waits.sorted()[(99 * waits.count + 99) / 100 - 1])
        }
        if !values.isEmpty { counts.append(Count(.waitP99, values: values)) }
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
        try JournalHeader.check(smallSlices ?? 0, in: 0...Self.mostSlices, "a number of slices")
        for count in voids?.values.map(\.self) ?? [] {
            try JournalHeader.check(count, in: 0...Self.mostSlices, "a number of slices")
        }
        try JournalHeader.check(dropped, in: 0...Int(Int32.max), "a number of events")
        for count in counts {
            guard count.values.count <= Self.mostSlices, count.values.allSatisfy(\.isFinite) else {
                throw .failure("it has more than \(Self.mostSlices) values of a count")
            }
            guard let bases = count.bases else { continue }
            guard bases.count == count.values.count, bases.allSatisfy({ $0 > 0 && $0.isFinite })
            else { throw .failure("its values of a count have no bases above 0") }
        }
    }
}

extension MechanismCount {
    /// A quantity of a function.
    fileprivate struct Name: Hashable {
        var quantity: Quantity
        var function: String?
    }

    fileprivate var name: Name { Name(quantity: quantity, function: function) }
}

extension MechanismRecord {
    /// What a slice says of a quantity; nil where it says nothing.
    ///
    /// A function has 0 where the slice names others, or where all together are 0.
    fileprivate func count(_ name: MechanismCount.Name) -> MechanismCount? {
        if let count = counts.first(where: { $0.name == name }) { return count }
        let ofQuantity = counts.filter { $0.quantity == name.quantity }
        guard let function = name.function, !name.quantity.isOfPart,
            let all = ofQuantity.first(where: { $0.function == nil }),
            ofQuantity.count > 1 || all.value == 0
        else { return nil }
        return MechanismCount(name.quantity, of: function, 0, per: all.base)
    }
}
