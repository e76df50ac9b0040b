// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Pressure
import Protocol
import Workloads

/// A cell that is prepared: its parked workers, and the pressure that they are under.
///
/// A slice reads cheap counters only; all of the kernel's are read at the visit's ends.
final class CellVisit {
    /// How long preparing took, nanoseconds.
    var setUpTime: UInt64 = 0

    private let order: PrepareOrder
    private let workload: any WorkloadDescription
    private let running: any RunningPressure
    private let workers: ResidentWorkers
    private let watch: SliceWatch
    private let places: WorkerPlaces
    private let before: KernelCounters

    /// Prepares a cell under a pressure that is there and rests.
    ///
    /// - Throws: what preparing or a worker reported; no worker is left then.
    init(
        _ order: PrepareOrder, of workload: any WorkloadDescription,
        under running: any RunningPressure, in environment: WorkloadEnvironment, clock: FastClock,
        options: ResidentWorkers.Options, reclaim: DelayAccounting?
    ) throws(PlumblineError) {
        self.order = order
        self.workload = workload
        self.running = running
        let watch = SliceWatch(
            running: running, counter: reclaim, callers: workload.requestAllocators,
            program: workload.program, device: environment.device)
        self.watch = watch
        var options = options
        var processes: [Int32] = []
        options.forked = {
            processes = $0
            watch.workersStarted($0)
        }
        workers = try ResidentWorkers(
            workload.workload, in: environment, clock: clock, options)
        places = WorkerPlaces(of: processes, in: running.workloadGroup)
        before = .read(group: running.workloadGroup, slabCaches: workload.slabCaches)
    }

    /// Runs one slice.
    ///
    /// - Parameter trace: traces it; nil for a slice that counts.
    /// - Throws: why it could not run.
    func measure(
        _ order: SliceOrder, tracedBy trace: VisitTrace? = nil
    ) throws(PlumblineError) -> SliceRecord {
        var slice = ResidentWorkers.Slice(
            guardTime: order.guardTime, duration: order.duration, seed: order.seed)
        slice.opening = { [watch] in watch.opened() }
        slice.passing = { [watch] in watch.passing() }
        slice.closing = { [watch] in watch.closed() }
        try trace?.arm(workload, watch.processes)
        // A hog that ended while it rested voids the slice.
        var failure: PlumblineError?
        do throws(PlumblineError) { try running.resume() } catch {
            if error.kind == .interrupted { throw error }
            failure = error
        }
        try trace?.start()
        let counts = try workers.measure(slice)
        running.rest()
        try trace?.stop()
        var record = SliceRecord(
            order: order, counts: counts, watch: watch, workload: workload,
            countsInstructions: self.order.countsInstructions == true)
        do throws(PlumblineError) { try running.checkAlive() } catch { failure = failure ?? error }
        record.validity.reasons[Validity.Reason.pressureFailed.rawValue] = failure?.message
        guard counts.killedBy == nil else { return record }
        record.mechanism = try trace?.record(
            of: watch, operations: counts.operations, workload)
        record.validity.reasons[Validity.Reason.cpusChanged.rawValue] = places.cpuChange
        if let change = places.groupChange {
            record.validity.reasons[Validity.Reason.pressureFailed.rawValue] =
                failure?.message ?? change
        }
        return record
    }

    /// Ends the workers.
    @discardableResult
    func release() -> VisitRecord {
        let after = KernelCounters.read(
            group: running.workloadGroup, slabCaches: workload.slabCaches)
        workers.release()
        return VisitRecord(
            cell: order.cell.name, visit: order.visit, setUpTime: setUpTime,
            evidence: EvidenceRecord(after - before))
    }
}
