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
    /// The figures, in parts of the allocations.
    var counts: [MechanismCount] {
        let sum = Double(fast + slow)
        guard sum > 0 else { return [] }
        var counts = [MechanismCount(.slabHits, 100 * Double(fast) / sum)]
        if let refilled {
            counts.append(MechanismCount(.sheafRefills, 100 * Double(refilled) / sum))
        }
        return counts
    }
}
