// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// A workload's workers, prepared once and parked at the gate; each slice opens and closes it.
///
/// The agent that makes them has no thread of its own. Workers live in processes forked from it, so
/// that nothing of the agent shares their file table, their heap or their memory cgroup.
package final class ResidentWorkers {
    /// How the workers are made.
    package struct Options {
        /// A `cgroup.procs` that the workers enter before they allocate anything; `nil` for none.
        package var group: String?
        /// The CPUs that workers without a place of their own are held to; `nil` for any.
        package var cpus: CPUSet?
        /// What perf counters of each worker count, which costs time at every context switch.
        package var counts: Set<Counter.Kind> = []
        /// Called at least four times a second while something takes long.
        package var pulse: () -> Void = {}
        /// Called with the workers' process ids before they do anything.
        package var forked: ([Int32]) -> Void = { _ in }

        /// Workers in the caller's group without counters.
        package init() {}
    }

    /// One slice.
    package struct Slice {
        /// Load without counting before the measured part, nanoseconds.
        package var guardTime: Int
        /// The measured part, nanoseconds.
        package var duration: Int
        /// Of offsets and data.
        package var seed: UInt64
        /// Called right before the measured part.
        package var opening: () -> Void = {}
        /// Called now and then in it: every 50 ms, and while the workers still run at its end.
        package var passing: () -> Void = {}
        /// Called right after it.
        package var closing: () -> Void = {}

        /// A slice.
        package init(guardTime: Int, duration: Int, seed: UInt64) {
            self.guardTime = guardTime
            self.duration = duration
            self.seed = seed
        }
    }

    /// Workers that are not ready, or not done, after this long are killed.
    private static let timeout: UInt64 = 60_000_000_000
    /// How long the others may take to end a slice after a worker was killed.
    private static let drainTime: UInt64 = 2_000_000_000

    /// Nanoseconds between two looks at the workers in a slice.
    private static let longestSleep: UInt64 = 50_000_000

    private let workload: any Workload
    private let clock: FastClock
    private let memory: TallyMemory
    private let workers: WorkerProcesses
    /// Kept for what it holds while the workers are there.
    private var prepared: (any PreparedWorkload)?
    private let pulse: () -> Void
    /// When the workers were looked at last.
    private var lookedAt: UInt64 = 0
    /// The longest time between two looks, from the start of the measured part on, nanoseconds.
    private var longestPause: UInt64 = 0

    /// Prepares a workload: opens its files, forks its workers, and waits until all are parked.
    ///
    /// - Throws: what preparing or a worker reported; `interrupted` after a signal. No worker is left
    ///   then, and what was prepared is closed.
    package init(
        _ workload: any Workload, in environment: WorkloadEnvironment, clock: FastClock,
        _ options: Options = Options()
    ) throws(PlumblineError) {
        self.workload = workload
        self.clock = clock
        pulse = options.pulse
        let layout = workload.layout
        do { memory = try TallyMemory(workers: layout.count) } catch {
            throw .failure("shared memory for \(layout.count) workers: \(error)")
        }
        let prepared = try workload.prepare(in: environment)
        self.prepared = prepared
        defer { prepared.close() }
        let life = WorkerLife(
            memory: memory, prepared: prepared, clock: clock, timed: layout.timed,
            counts: options.counts, cpus: options.cpus)
        workers = try WorkerProcesses(
            layout, life: life, group: options.group,
            startsPrograms: workload.program != nil)
        options.forked(workers.running.map(\.id))
        memory.gate.watch()
        do throws(PlumblineError) {
            try awaitArrival(within: timeout)
        } catch {
            kill()
            throw error
        }
    }

    deinit { kill() }

    /// Kills the workers, and ends what they left.
    private func kill() {
        workers.kill()
        if workers.killedBy != nil { prepared?.sweep() }
    }

    /// How long the workers may take to be ready, or done with a slice, nanoseconds.
    private var timeout: UInt64 {
        workload.program.map { Self.timeout / 2 + UInt64($0.timeout) } ?? Self.timeout
    }

    /// Runs one slice.
    ///
    /// A worker that is killed, by the OOM killer say, closes the gate at once: what was counted until
    /// then comes back, with the signal in `killedBy`, and no worker is left.
    ///
    /// - Throws: what a worker reported; `interrupted` after a signal. No worker is left then.
    package func measure(_ slice: Slice) throws(PlumblineError) -> SliceCounts {
        do throws(PlumblineError) {
            // One that was killed while parked.
            try check()
            memory.reset()
            longestPause = 0
            if workers.killedBy == nil { try run(slice) }
        } catch {
            kill()
            throw error
        }
        var counts = SliceCounts(memory, workload: workload, clock: clock)
        counts.killedBy = workers.killedBy
        counts.longestPause = longestPause
        counts.wasStopped = workers.wereStopped
        prepared?.conclude(&counts)
        if workers.killedBy != nil { kill() }
        return counts
    }

    /// Ends the workers; doing it twice does no harm.
    package func release() {
        defer { prepared = nil }
        guard !workers.running.isEmpty else { return }
        memory.gate.release()
        let end = Clock.monotonicNanoseconds() + Self.drainTime
        while !workers.running.isEmpty, Clock.monotonicNanoseconds() < end {
            workers.reap()
            try? Clock.sleep(nanoseconds: 200_000)
        }
        kill()
    }

    private func run(_ slice: Slice) throws(PlumblineError) {
        let gate = memory.gate
        if let program = workload.program { return try run(slice, of: program) }
        gate.open(seed: slice.seed)
        try hold(slice.guardTime)
        slice.opening()
        (lookedAt, longestPause) = (Clock.sinceBootNanoseconds(), 0)
        gate.turn(to: .measuring)
        try hold(slice.duration, passing: slice.passing)
        gate.turn(to: .draining)
        slice.closing()
        try awaitArrival(within: workers.killedBy == nil ? Self.timeout : Self.drainTime)
    }

    /// Has a foreign program do a slice, which it ends itself where it is run once a slice.
    private func run(_ slice: Slice, of program: ProgramUse) throws(PlumblineError) {
        let gate = memory.gate
        let hasGuard = !program.endsSlice && slice.guardTime > 0
        if hasGuard {
            gate.open(seed: slice.seed)
            try hold(slice.guardTime)
            // Its answer is no part of what is measured.
            gate.turn(to: .settling, wakes: true)
            try awaitSettling(within: workers.killedBy == nil ? timeout : Self.drainTime)
        }
        slice.opening()
        (lookedAt, longestPause) = (Clock.sinceBootNanoseconds(), 0)
        if hasGuard {
            gate.turn(to: .measuring, wakes: true)
        } else {
            gate.open(seed: slice.seed, in: .measuring)
        }
        if !program.endsSlice {
            if !hasEnded { try hold(slice.duration, passing: slice.passing) }
            gate.turn(to: .draining, wakes: true)
            slice.closing()
        }
        try awaitArrival(
            within: workers.killedBy == nil ? timeout : Self.drainTime, passing: slice.passing)
        if program.endsSlice {
            gate.turn(to: .draining)
            slice.closing()
        }
    }

    /// Whether all workers are parked.
    private var hasEnded: Bool { memory.gate.arrived >= memory.workers }

    /// Lets the workers run for a time, or until one is killed.
    private func hold(
        _ nanoseconds: Int, passing: (() -> Void)? = nil
    ) throws(PlumblineError) {
        let end = Clock.monotonicNanoseconds() + UInt64(nanoseconds)
        while workers.killedBy == nil, Clock.monotonicNanoseconds() < end {
            try? Clock.sleep(until: min(end, Clock.monotonicNanoseconds() + Self.longestSleep))
            passing?()
            pulse()
            try check()
            look()
        }
    }

    /// Notes how long this process did not run: its machine was stopped, or too busy to run it.
    private func look() {
        let now = Clock.sinceBootNanoseconds()
        longestPause = max(longestPause, now - lookedAt)
        lookedAt = now
    }

    /// Waits until all workers are parked, or until those that a kill left are.
    private func awaitArrival(
        within timeout: UInt64, passing: (() -> Void)? = nil
    ) throws(PlumblineError) {
        let gate = memory.gate
        try wait(within: timeout, passing: passing, isOver: { hasEnded }) {
            gate.awaitArrival(nanoseconds: 10_000_000)
        }
    }

    /// Waits until all workers are done with the guard, or with the slice.
    private func awaitSettling(within timeout: UInt64) throws(PlumblineError) {
        let gate = memory.gate
        try wait(within: timeout, isOver: { gate.settled >= memory.workers || hasEnded }) {
            gate.awaitSettling(nanoseconds: 10_000_000)
        }
    }

    /// Waits for all workers, or for those that a kill left.
    ///
    /// - Parameter sleep: waits for a change, for some time at most.
    private func wait(
        within timeout: UInt64, passing: (() -> Void)? = nil, isOver: () -> Bool,
        sleep: () -> Void
    ) throws(PlumblineError) {
        let gate = memory.gate
        let start = Clock.monotonicNanoseconds()
        var limit = timeout
        var nextPulse = start + 250_000_000
        while !isOver() {
            try check()
            if workers.running.isEmpty { return }
            if workers.killedBy != nil { limit = min(limit, Self.drainTime) }
            let now = Clock.monotonicNanoseconds()
            look()
            if now - start > limit {
                if workers.killedBy != nil { return }
                if workers.wereStopped {
                    throw .failure(
                        "a worker was stopped by a signal and did not go on within "
                            + "\(timeout / 1_000_000_000) s")
                }
                throw .failure(
                    "the workers did not \(gate.isOpen ? "start" : "stop") within "
                        + "\(timeout / 1_000_000_000) s",
                    remedy: "look at the kernel's log for a hung task")
            }
            if now > nextPulse {
                pulse()
                passing?()
                nextPulse = now + 250_000_000
            }
            sleep()
        }
        look()
    }

    private func check() throws(PlumblineError) {
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
