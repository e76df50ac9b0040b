// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Pressure
import Protocol
import Workloads

/// Carries out orders: sets up storage and pressure, runs the slice, and gathers its record.
///
/// Storage stays until the end, and pressure until an order asks for another one, so that
/// consecutive slices share them; the hogs are stopped in between.
public final class SliceExecutor {
    /// Called often while an order runs.
    var pulse: () -> Void = {}
    /// Whether the controller has closed its end.
    var peerClosed: () -> Bool = { false }
    /// Called with messages for the user.
    var log: (String) -> Void = { _ in }

    private let clock: FastClock
    private let counts: Bool
    private let undoLog: UndoLog
    private var storages: [StorageSpec: PreparedStorage] = [:]
    private var pressure: (plan: CellPlan, room: Int, running: any RunningPressure)?

    /// An executor without storage and pressure.
    ///
    /// - Parameter counts: whether perf counters watch the workers.
    /// - Throws: `failure` when `/proc` does not show when this process started.
    public init(clock: FastClock, counts: Bool) throws(PlumblineError) {
        self.clock = clock
        self.counts = counts
        undoLog = try UndoLog()
    }

    deinit { undoAll() }

    /// Runs one slice.
    ///
    /// - Throws: why it could not run; nothing of the slice is left, and later orders may run.
    public func execute(_ order: SliceOrder) throws(PlumblineError) -> SliceRecord {
        guard (1...Setting.longestTime).contains(order.duration),
            (0...Setting.longestTime).contains(order.guardTime)
        else {
            throw .usage(
                "invalid times for a slice: \(order.duration) ns with a guard of "
                    + "\(order.guardTime) ns",
                remedy: "allowed: 1 to \(Setting.longestTime) for duration_ns, 0 to "
                    + "\(Setting.longestTime) for guard_ns")
        }
        let cell = try CellDescription(order.cell)
        let workload = cell.workload
        var environment = try environment(for: workload, seed: order.seed)
        environment.pulse = pulse
        let running = try pressure(cell, order.cell)
        let watch = SliceWatch(running: running, slabCaches: workload.slabCaches)
        var runner = SliceRunner(
            guardTime: order.guardTime, duration: order.duration, clock: clock,
            group: running.workloadGroup?.procsPath)
        if counts {
            runner.counts = Set(Counter.Kind.allCases)
        } else if order.countsInstructions == true {
            runner.counts = [.kernelInstructions]
        }
        runner.hooks.pulse = pulse
        runner.hooks.forked = { watch.workersStarted($0) }
        runner.hooks.opening = { watch.opened() }
        runner.hooks.closing = { watch.closed() }
        let counts: SliceCounts
        do throws(PlumblineError) {
            try running.resume()
            counts = try runner.run(workload.workload, in: environment)
        } catch {
            // The cause may be an ended hog or a full cgroup: the next slice starts new ones.
            stopPressure()
            throw error
        }
        running.rest()
        var slice = SliceRecord(
            order: order, counts: counts, watch: watch, workload: workload)
        do throws(PlumblineError) {
            try running.checkAlive()
        } catch {
            slice.validity.reasons[Validity.Reason.pressureFailed.rawValue] = error.message
        }
        // After a kill the next slice starts with new hogs.
        if counts.killedBy != nil || slice.evidence.oomKills ?? 0 > 0
            || !slice.validity.pressureLasted
        {
            stopPressure()
        }
        return slice
    }

    /// Stops the pressure and removes the storage; doing it twice does no harm.
    public func undoAll() {
        stopPressure()
        for storage in storages.values { storage.remove().forEach(log) }
        storages = [:]
    }

    private func stopPressure() {
        pressure?.running.stop().forEach(log)
        pressure = nil
    }

    private func environment(
        for workload: any WorkloadDescription, seed: UInt64
    ) throws(PlumblineError) -> WorkloadEnvironment {
        guard let spec = workload.storage else { return WorkloadEnvironment(seed: seed) }
        let storage: PreparedStorage
        if let present = storages[spec] {
            storage = present
        } else {
            // Weak, because `deinit` removes storage too.
            storage = try spec.prepare(undoLog: undoLog) { [weak self] in self?.pulse() }
            storages[spec] = storage
            try checkPeer()
            storage.warnings.forEach(log)
        }
        return WorkloadEnvironment(
            directory: storage.directory, device: storage.device, seed: seed)
    }

    private func pressure(
        _ cell: CellDescription, _ plan: CellPlan
    ) throws(PlumblineError) -> any RunningPressure {
        let workload = cell.workload
        // A running pressure that leaves room for larger buffers is reused.
        if let pressure, pressure.plan.pressure == plan.pressure,
            pressure.plan.pressureSettings == plan.pressureSettings,
            workload.bufferBytes <= pressure.room
        {
            return pressure.running
        }
        stopPressure()
        let host = PressureHost(
            undoLog: undoLog, workloadBytes: workload.bufferBytes,
            pause: { [weak self] nanoseconds throws(PlumblineError) in
                try self?.checkPeer()
                try PressureHost.interruptiblePause(nanoseconds: nanoseconds)
            },
            pulse: { [weak self] in self?.pulse() })
        let running = try cell.pressure.kind.start(on: host)
        pressure = (plan, workload.bufferBytes, running)
        return running
    }

    /// Throws when the controller has closed its end.
    private func checkPeer() throws(PlumblineError) {
        if peerClosed() {
            throw PlumblineError(.interrupted, "the controller closed the agent's output")
        }
    }
}
