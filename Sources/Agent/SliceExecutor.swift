// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Pressure
import Protocol
import Workloads

/// Carries out orders: sets up storage and pressure, runs the slice, and gathers its record.
///
/// Storage stays up until the end, and pressure until an order asks for another one, so that
/// neighbouring slices do not pay for it again; its hogs rest in between.
final class SliceExecutor {
    /// Called often while an order is under way.
    var pulse: () -> Void = {}
    /// Whether nobody hears `pulse` any more.
    var isDeaf: () -> Bool = { false }
    /// Takes words for people.
    var log: (String) -> Void = { _ in }

    private let clock: FastClock
    private let counts: Bool
    private let ledger: Ledger
    private var storages: [StorageSpec: PreparedStorage] = [:]
    private var pressure: (key: PressureKey, room: Int, running: any RunningPressure)?

    private struct PressureKey: Equatable {
        var kind: String
        var values: [String: SettingValue]
    }

    /// - Parameter counts: whether perf counters watch the workers.
    /// - Throws: `failure` when the directory of ledgers cannot be made.
    init(clock: FastClock, counts: Bool) throws(PlumblineError) {
        self.clock = clock
        self.counts = counts
        ledger = try Ledger()
    }

    deinit { putBack() }

    /// Runs one slice.
    ///
    /// - Throws: why it could not run; nothing of the slice is left, and later orders may run.
    func execute(_ order: SliceOrder) throws(PlumblineError) -> SliceRecord {
        guard (1...Setting.longestTime).contains(order.duration),
            (0...Setting.longestTime).contains(order.guardTime)
        else {
            throw .usage(
                "a slice of \(order.duration) ns with a guard of \(order.guardTime) ns cannot be",
                remedy: "duration_ns goes from 1, guard_ns from 0, both to \(Setting.longestTime)")
        }
        let workload = try WorkloadCatalogue.workload(of: order.cell)
        var environment = try environment(for: workload, seed: order.seed)
        environment.pulse = pulse
        let running = try pressure(for: order.cell, workload: workload)
        let group = running.workloadGroup
        let watch = SliceWatch(
            group: group, running: running, slabCaches: workload.slabCaches)
        var runner = SliceRunner(
            guardTime: order.guardTime, duration: order.duration, clock: clock,
            group: group?.procsPath)
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
            counts = try runner.run(workload, in: environment)
        } catch {
            // A slice that fails may have met a dead hog or a full cgroup: start afresh.
            stopPressure()
            throw error
        }
        running.rest()
        var slice = SliceRecord(
            order: order, counts: counts, watch: watch, staffing: workload.staffing)
        do throws(PlumblineError) {
            try running.checkAlive()
        } catch {
            slice.validity.reasons[Validity.Reason.pressureFailed.rawValue] = error.message
        }
        // Whatever was killed, the next slice must not start beside its remains.
        if counts.killedBy != nil || slice.evidence.oomKills ?? 0 > 0
            || !slice.validity.pressureLasted
        {
            stopPressure()
        }
        return slice
    }

    /// Stops the pressure and removes the storage.
    func putBack() {
        stopPressure()
        for storage in storages.values {
            for complaint in storage.remove() { log(complaint) }
        }
        storages = [:]
    }

    private func stopPressure() {
        for complaint in pressure?.running.stop() ?? [] { log(complaint) }
        pressure = nil
    }

    private func environment(
        for workload: any Workload, seed: UInt64
    ) throws(PlumblineError) -> WorkloadEnvironment {
        guard let spec = try workload.storage else { return WorkloadEnvironment(seed: seed) }
        let storage: PreparedStorage
        if let present = storages[spec] {
            storage = present
        } else {
            // Weak, as storage is removed in `deinit` too.
            storage = try spec.prepare(ledger: ledger) { [weak self] in self?.pulse() }
            storages[spec] = storage
            try checkHeard()
            storage.warnings.forEach(log)
        }
        return WorkloadEnvironment(
            directory: storage.directory, device: storage.device, seed: seed)
    }

    private func pressure(
        for cell: CellPlan, workload: any Workload
    ) throws(PlumblineError) -> any RunningPressure {
        let key = PressureKey(kind: cell.pressure, values: cell.pressureSettings)
        // One that left room for larger buffers will do.
        if let pressure, pressure.key == key, workload.bufferBytes <= pressure.room {
            return pressure.running
        }
        stopPressure()
        let kind = try PressureCatalogue.make(cell.pressure, cell.pressureSettings)
        let host = PressureHost(
            ledger: ledger, workloadBytes: workload.bufferBytes,
            pause: { [weak self] nanoseconds throws(PlumblineError) in
                try self?.checkHeard()
                try PressureHost.interruptiblePause(nanoseconds: nanoseconds)
            },
            pulse: { [weak self] in self?.pulse() })
        let running = try kind.start(on: host)
        pressure = (key, workload.bufferBytes, running)
        return running
    }

    /// Ends a set-up that nobody waits for.
    private func checkHeard() throws(PlumblineError) {
        if isDeaf() {
            throw PlumblineError(.interrupted, "nobody reads the agent's output any more")
        }
    }
}
