// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Protocol

/// Traces the slices of one visit.
final class VisitTrace {
    private let tracer: MechanismTracer
    private let pulse: () -> Void
    private var slabBefore: SlabStatistics?
    private var slabCaches: [String] = []

    init(tracer: MechanismTracer, pulse: @escaping () -> Void) {
        self.tracer = tracer
        self.pulse = pulse
    }

    /// Makes ready for a slice, while all workers are parked and all hogs stand still.
    func arm(_ workload: any WorkloadDescription, _ processes: [Int32]) throws(PlumblineError) {
        slabCaches = workload.slabCaches
        slabBefore = SlabStatistics(slabCaches)
        try tracer.arm(Self.threads(of: processes))
    }

    /// Starts to trace.
    func start() throws(PlumblineError) { try tracer.start() }

    /// Ends what `start` began.
    func stop() throws(PlumblineError) { try tracer.stop() }

    /// What was traced of a slice.
    func record(
        of watch: SliceWatch, operations: UInt64, _ workload: any WorkloadDescription
    ) throws(PlumblineError) -> MechanismRecord {
        let slice = MechanismTrace.Slice(
            window: watch.window, operations: operations,
            workers: Self.threads(of: watch.processes),
            hogs: Self.threads(of: watch.running.hogs),
            requestAllocators: workload.requestAllocators)
        var record = try tracer.take(pulse: pulse).record(of: slice)
        if record.dropped == 0, let slabBefore, let after = SlabStatistics(slabCaches) {
            record.counts += (after - slabBefore).counts
        }
        return record
    }

    private static func threads(of processes: [Int32]) -> Set<Int32> {
        Set(processes.flatMap { SystemTree.live.list("/proc/\($0)/task") }.compactMap { Int32($0) })
    }
}

extension SlabStatistics {
    /// Caches with less than this part of all allocations are not named.
    private static let leastShare = 0.05

    /// The figures, in parts of the allocations: of all caches, and of those with a part in it.
    var counts: [MechanismCount] {
        let sum = caches.values.reduce(Cache(fast: 0, slow: 0), +)
        let named = caches.filter {
            Double($0.value.allocations) >= Self.leastShare * Double(sum.allocations)
        }
        return sum.counts(of: nil)
            + named.sorted { $0.key < $1.key }.flatMap { $0.value.counts(of: $0.key) }
    }
}

extension SlabStatistics.Cache {
    /// - Parameter name: that of the cache; nil for all of them together.
    fileprivate func counts(of name: String?) -> [MechanismCount] {
        guard allocations > 0 else { return [] }
        let sum = Double(allocations)
        var counts = [MechanismCount(.slabHits, of: name, 100 * Double(fast) / sum, per: sum)]
        if let refilled {
            counts.append(
                MechanismCount(.sheafRefills, of: name, 100 * Double(refilled) / sum, per: sum))
        }
        return counts
    }
}
