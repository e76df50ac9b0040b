// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// Runs one slice: makes the workers, opens and closes the gate, and collects what they counted.
///
/// The agent that calls it has no thread of its own. Workers live in processes forked from it, so
/// that nothing of the agent shares their file table, their heap or their memory cgroup.
package struct SliceRunner {
    /// What the agent does beside a slice.
    package struct Hooks {
        /// Called at least four times a second while the slice is under way.
        package var pulse: () -> Void = {}
        /// Called with the workers' process ids before they do anything.
        package var forked: ([Int32]) -> Void = { _ in }
        /// Called right before the measured part.
        package var opening: () -> Void = {}
        /// Called right after it.
        package var closing: () -> Void = {}

        /// Does nothing.
        package init() {}
    }

    /// Load without counting before the measured part, nanoseconds.
    package var guardTime: Int
    /// The measured part, nanoseconds.
    package var duration: Int
    /// The clock that the workers read.
    package var clock: FastClock
    /// A `cgroup.procs` that the workers enter before they allocate anything; `nil` for none.
    package var group: String?
    /// What perf counters of each worker count, which costs time at every context switch.
    package var counts: Set<Counter.Kind> = []
    /// What the agent does beside a slice.
    package var hooks = Hooks()

    /// Workers that are not ready, or not done, after this long are killed.
    private static let timeout: UInt64 = 60_000_000_000

    /// A runner of slices of one length.
    package init(guardTime: Int, duration: Int, clock: FastClock, group: String? = nil) {
        self.guardTime = guardTime
        self.duration = duration
        self.clock = clock
        self.group = group
    }

    /// Runs one slice of a workload.
    ///
    /// A worker that is killed, by the OOM killer say, closes the gate at once: what was counted until
    /// then comes back, with the signal in `killedBy`.
    ///
    /// - Throws: what preparing or a worker reported; `interrupted` after a signal. The workers are
    ///   gone then, and what was prepared is closed.
    package func run(_ workload: any Workload, in environment: WorkloadEnvironment)
        throws(PlumblineError) -> SliceCounts
    {
        let layout = workload.layout
        let memory: TallyMemory
        do { memory = try TallyMemory(workers: layout.count) } catch {
            throw .failure("shared memory for \(layout.count) workers: \(error)")
        }
        let prepared = try workload.prepare(in: environment)
        let life = WorkerLife(
            memory: memory, prepared: prepared, clock: clock, timed: layout.timed, counts: counts)
        let workers: WorkerProcesses
        do { workers = try WorkerProcesses(layout, life: life, group: group) } catch {
            prepared.close()
            throw error
        }
        prepared.close()
        defer { workers.kill() }
        let gate = memory.gate
        hooks.forked(workers.running.map(\.id))
        gate.watch()
        try wait(for: workers, memory) { gate.arrived == layout.count || workers.killedBy != nil }
        gate.turn(to: .guarding)
        try hold(guardTime, workers: workers, memory)
        hooks.opening()
        gate.turn(to: .measuring)
        try hold(duration, workers: workers, memory)
        gate.turn(to: .draining)
        hooks.closing()
        try wait(for: workers, memory) { false }
        var counts = SliceCounts(memory, workload: workload, clock: clock)
        counts.killedBy = workers.killedBy
        return counts
    }

    /// Lets the workers run for a time, or until one is killed.
    private func hold(
        _ nanoseconds: Int, workers: WorkerProcesses, _ memory: TallyMemory
    ) throws(PlumblineError) {
        let end = Clock.monotonicNanoseconds() + UInt64(nanoseconds)
        while workers.killedBy == nil, Clock.monotonicNanoseconds() < end {
            try? Clock.sleep(until: min(end, Clock.monotonicNanoseconds() + 100_000_000))
            hooks.pulse()
            try check(workers, memory)
        }
    }

    /// Waits until a condition holds or every worker has ended.
    private func wait(
        for workers: WorkerProcesses, _ memory: TallyMemory, until isTrue: () -> Bool
    ) throws(PlumblineError) {
        let start = Clock.monotonicNanoseconds()
        var nextPulse = start + 250_000_000
        while !isTrue() {
            try check(workers, memory)
            if workers.running.isEmpty { return }
            let now = Clock.monotonicNanoseconds()
            if now - start > Self.timeout {
                throw .failure(
                    "the workers did not \(memory.gate.isOpen ? "start" : "stop") within "
                        + "\(Self.timeout / 1_000_000_000) s",
                    remedy: "look at the kernel's log for a hung task")
            }
            if now > nextPulse {
                hooks.pulse()
                nextPulse = now + 250_000_000
            }
            try? Clock.sleep(until: now + 200_000)
        }
    }

    private func check(_ workers: WorkerProcesses, _ memory: TallyMemory) throws(PlumblineError) {
        if Interrupts.pending != nil {
            throw PlumblineError(.interrupted, "interrupted in a slice")
        }
        let before = workers.running.count
        workers.reap()
        guard workers.running.count < before else { return }
        for worker in 0..<memory.workers {
            if let error = memory.error(worker) { throw error }
        }
    }
}
