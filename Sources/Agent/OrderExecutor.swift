// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Pressure
import Probes
import Protocol
import Workloads

/// Carries out orders: prepares cells, runs their slices, and releases them.
///
/// Storage stays until the end, and pressure until a cell needs another one, so that consecutive
/// visits share them; the hogs are stopped between slices.
public final class OrderExecutor {
    /// Called often while an order runs.
    var pulse: () -> Void = {}
    /// Whether the controller has closed its end.
    var peerClosed: () -> Bool = { false }
    /// Called with messages for the user.
    var log: (String) -> Void = { _ in }

    /// More than any machine has; sums with it fit into an Int.
    private static let mostBytes = 1 << 50

    private let clock: FastClock
    private let counts: Bool
    private let isAlone: Bool
    private let undoLog: UndoLog
    private let knobs: KnobTurner
    private let cpus = OwnCPUs()
    private var reclaim: DelayAccounting?
    private var tracer: MechanismTracer?
    private var storages: [StorageSpec: PreparedStorage] = [:]
    private var pressure: (plan: CellPlan, room: Int, running: any RunningPressure)?
    private var visits: [Int: CellVisit] = [:]
    /// From the first probe on.
    private lazy var kernelLog = try? KernelLog()
    /// Tells what would be done; nil when it is done.
    private var dryRun: DryRun?

    /// An executor without storage and pressure.
    ///
    /// - Parameters:
    ///   - counts: whether perf counters watch the workers.
    ///   - isAlone: whether nothing but this agent uses the machine, as in a guest.
    ///   - isDry: whether preparing a cell only logs what it would change.
    /// - Throws: `failure` when `/proc` does not show when this process started.
    public init(
        clock: FastClock, counts: Bool, isAlone: Bool = false, isDry: Bool = false
    ) throws(PlumblineError) {
        dryRun = isDry ? DryRun() : nil
        self.clock = clock
        self.counts = counts
        self.isAlone = isAlone
        undoLog = try UndoLog()
        knobs = KnobTurner(undoLog: undoLog, isAlone: isAlone)
    }

    deinit { undoAll() }

    /// Prepares a cell, whose workers are parked then.
    ///
    /// - Throws: why it could not; nothing of the visit is left, and later orders may run.
    public func prepare(_ order: PrepareOrder) throws(PlumblineError) {
        if let changes = try dryRun?.changes(for: order.cell) {
            for change in changes { log("\(change)") }
            return
        }
        // Later the hogs hold the memory for its buffers. What is wrong is told with the first slice.
        if order.traces == true { _ = try? makeTrace() }
        do throws(PlumblineError) { try makeVisit(order) } catch {
            // The cause may be an ended hog or a full cgroup: the next visit starts new ones.
            stopPressure()
            throw cpus.change.map { error.at($0) } ?? error
        }
    }

    private func makeVisit(_ order: PrepareOrder) throws(PlumblineError) {
        let start = Clock.monotonicNanoseconds()
        let cell = try CellDescription(order.cell)
        let workload = cell.workload
        visits.removeValue(forKey: order.visit)?.release()
        var environment = try environment(for: workload, seed: order.seed)
        environment.isShared = order.residents > 1
        environment.pulse = { [weak self] in self?.pulse() }
        let room = max(workload.bufferBytes, min(order.bufferBytes ?? 0, Self.mostBytes))
        let running = try pressure(
            cell, order.cell, room: room, workers: Self.workers(of: workload, order))
        var options = ResidentWorkers.Options()
        options.group = running.workloadGroup?.procsPath
        options.cpus = running.placement.workers
        options.pulse = environment.pulse
        if counts {
            options.counts = Set(Counter.Kind.allCases)
        } else if order.countsInstructions == true {
            options.counts = [.kernelInstructions]
        }
        let visit = try CellVisit(
            order, of: workload, under: running, in: environment, clock: clock, options: options,
            reclaim: order.cell.hasPressure ? reclaimCounter() : nil)
        visit.setUpTime = Clock.monotonicNanoseconds() - start
        visits[order.visit] = visit
    }

    /// What counts the workers' direct reclaim, started with the first pressure; nil where this
    /// kernel has nothing.
    private func reclaimCounter() -> DelayAccounting? {
        if reclaim == nil, GuestFacts.tracesReclaim { reclaim = try? DelayAccounting(undoLog) }
        try? reclaim?.turnOn()
        return reclaim
    }

    /// Gives knobs a value, between slices: all workers are parked, and all hogs stopped.
    ///
    /// - Returns: why this machine is unfit for it; nil when the knobs have their values.
    /// - Throws: what is wrong with a knob or its value; later orders may run.
    func turn(_ order: TurnOrder) throws(PlumblineError) -> String? {
        guard dryRun == nil else { throw .failure("a dry run turns no knobs") }
        return try knobs.turn(order.knobs) { [weak self] in self?.pulse() }
    }

    /// Runs one slice.
    ///
    /// - Throws: why it could not run; the visit is ended then, and later orders may run.
    public func run(_ order: SliceOrder) throws(PlumblineError) -> SliceRecord {
        guard (1...Setting.longestTime).contains(order.duration),
            (0...Setting.longestTime).contains(order.guardTime)
        else {
            throw .usage(
                "invalid times for a slice: \(order.duration) ns with a guard of "
                    + "\(order.guardTime) ns",
                remedy: "allowed: 1 to \(Setting.longestTime) for duration_ns, 0 to "
                    + "\(Setting.longestTime) for guard_ns")
        }
        guard let visit = visits[order.visit] else {
            throw .failure("visit \(order.visit) of '\(order.cell)' is not prepared")
        }
        var slice: SliceRecord
        var trace: VisitTrace?
        if order.traces == true { trace = try makeTrace() }
        let change = knobs.change
        do throws(PlumblineError) {
            slice = try visit.measure(order, tracedBy: trace)
        } catch {
            stopPressure()
            throw error
        }
        if let change = change ?? knobs.change {
            slice.validity.reasons[Validity.Reason.knobChanged.rawValue] = change
        }
        if let change = cpus.change {
            slice.validity.reasons[Validity.Reason.cpusChanged.rawValue] = change
        }
        if slice.validity.endsVisit { stopPressure() }
        return slice
    }

    /// What traces a slice; its tracepoints are switched on with the first one.
    private func makeTrace() throws(PlumblineError) -> VisitTrace {
        if tracer == nil { tracer = try MechanismTracer(undoLog) }
        guard let tracer else { throw .failure("nothing traces") }
        return VisitTrace(tracer: tracer) { [weak self] in self?.pulse() }
    }

    /// Ends a visit.
    ///
    /// - Returns: its record; nil when it was not prepared or had ended.
    public func release(_ order: ReleaseOrder) -> VisitRecord? {
        visits.removeValue(forKey: order.visit)?.release()
    }

    /// Runs a probe.
    ///
    /// - Throws: `failure` in a dry run and while cells are prepared, `usage` for a probe that does
    ///   not exist, `interrupted`; what the kernel does wrong is in the record.
    func probe(_ order: ProbeOrder) throws(PlumblineError) -> ProbeRecord {
        guard dryRun == nil else { throw .failure("a dry run runs no probes") }
        guard visits.isEmpty else { throw .failure("probe '\(order.probe)': cells are prepared") }
        let host = ProbeHost(
            undoLog: undoLog, seed: order.seed, isAlone: isAlone, log: kernelLog,
            storage: { [weak self] spec throws(PlumblineError) in
                try self?.storage(spec)
            },
            check: { [weak self] () throws(PlumblineError) in
                self?.pulse()
                try self?.checkPeer()
            })
        return try ProbeList.run(order.probe, on: host)
    }

    /// Ends the visits, stops the pressure, restores the knobs and removes the storage; doing it twice does no harm.
    public func undoAll() {
        stopPressure()
        knobs.restore().forEach(log)
        reclaim?.stop().map(log)
        reclaim = nil
        tracer?.close().forEach(log)
        tracer = nil
        for storage in storages.values { storage.remove().forEach(log) }
        storages = [:]
    }

    /// Stops the pressure, and the workers that are under it.
    private func stopPressure() {
        for visit in visits.values { visit.release() }
        visits = [:]
        pressure?.running.stop().forEach(log)
        pressure = nil
    }

    private func environment(
        for workload: any WorkloadDescription, seed: UInt64
    ) throws(PlumblineError) -> WorkloadEnvironment {
        guard let spec = workload.storage else { return WorkloadEnvironment(seed: seed) }
        let storage = try storage(spec)
        return WorkloadEnvironment(
            directory: storage.directory, device: storage.device, seed: seed)
    }

    /// The storage of this description, made on its first use.
    private func storage(_ spec: StorageSpec) throws(PlumblineError) -> PreparedStorage {
        if let lost = storages[spec], !lost.isIntact {
            storages[spec] = nil
            log("storage \(spec.text) was taken away by another program and is made anew")
            lost.remove().forEach(log)
        }
        if let present = storages[spec] { return present }
        // Weak, because `deinit` removes storage too.
        let storage = try spec.prepare(undoLog: undoLog) { [weak self] in self?.pulse() }
        storages[spec] = storage
        try checkPeer()
        storage.warnings.forEach(log)
        return storage
    }

    /// The workers that hogs are placed beside: alike for both arms, whose visits share the hogs.
    private static func workers(
        of workload: any WorkloadDescription, _ order: PrepareOrder
    ) -> HogPlacement.Workers {
        let own = workload.placements.flatMap { place in
            (place.cpus ?? place.node.flatMap { try? NUMANode($0).cpus() })?.cpus ?? []
        }
        let others = order.workerCPUs.flatMap { CPUSet(list: $0) } ?? CPUSet()
        return HogPlacement.Workers(
            count: max(workload.layout.count, order.workers ?? 0),
            cpus: CPUSet(own + others.cpus))
    }

    private func pressure(
        _ cell: CellDescription, _ plan: CellPlan, room: Int, workers: HogPlacement.Workers
    ) throws(PlumblineError) -> any RunningPressure {
        // A running pressure that leaves room for larger buffers is reused.
        if let pressure, pressure.plan.pressure == plan.pressure,
            pressure.plan.pressureSettings == plan.pressureSettings, room <= pressure.room,
            try HogPlacement(of: cell.pressure, beside: workers) == pressure.running.placement
        {
            // Where the other arm's workers are there too, the slice finds what is wrong.
            guard visits.isEmpty else { return pressure.running }
            do throws(PlumblineError) {
                try pressure.running.checkAlive()
                return pressure.running
            } catch {
                log("\(error.message); it is made anew")
            }
        }
        stopPressure()
        let host = PressureHost(
            undoLog: undoLog, workloadBytes: room, workers: workers,
            pause: { [weak self] nanoseconds throws(PlumblineError) in
                try self?.checkPeer()
                try PressureHost.interruptiblePause(nanoseconds: nanoseconds)
            },
            pulse: { [weak self] in self?.pulse() })
        let running = try cell.pressure.kind.start(on: host)
        running.rest()
        pressure = (plan, room, running)
        return running
    }

    /// Throws when the controller has closed its end.
    private func checkPeer() throws(PlumblineError) {
        if peerClosed() {
            throw PlumblineError(.interrupted, "the controller closed the agent's output")
        }
    }
}
