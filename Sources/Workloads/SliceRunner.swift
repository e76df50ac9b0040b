// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import CShims
import Linux
import SystemPackage

/// Runs one slice: makes the workers, opens and closes the gate, and collects what they counted.
///
/// The agent that calls it has no thread of its own. Workers live in processes forked from it, so
/// that nothing of the agent shares their file table, their heap or their memory cgroup.
public struct SliceRunner {
    /// What the agent does beside a slice.
    public struct Hooks {
        /// Called at least four times a second while the slice is under way.
        public var pulse: () -> Void = {}
        /// Called with the workers' process ids before they do anything.
        public var forked: ([Int32]) -> Void = { _ in }
        /// Called right before the measured part.
        public var opening: () -> Void = {}
        /// Called right after it.
        public var closing: () -> Void = {}

        /// Does nothing.
        public init() {}
    }

    /// Load without counting before the measured part, nanoseconds.
    public var guardTime: Int
    /// The measured part, nanoseconds.
    public var duration: Int
    /// The clock that the workers read.
    public var clock: FastClock
    /// A `cgroup.procs` that the workers enter before they allocate anything; `nil` for none.
    public var group: String?
    /// What perf counters of each worker count, which costs time at every context switch.
    public var counts: Set<Counter.Kind> = []
    /// What the agent does beside a slice.
    public var hooks = Hooks()

    /// Workers that are not ready, or not done, after this long are killed.
    private static let patience: UInt64 = 60_000_000_000

    /// A runner of slices of one length.
    public init(guardTime: Int, duration: Int, clock: FastClock, group: String? = nil) {
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
    public func run(_ workload: any Workload, in environment: WorkloadEnvironment)
        throws(PlumblineError) -> SliceCounts
    {
        let staffing = workload.staffing
        let memory: TallyMemory
        do { memory = try TallyMemory(workers: staffing.count) } catch {
            throw .failure("shared memory for \(staffing.count) workers: \(error)")
        }
        let prepared = try workload.prepare(in: environment)
        let crew: Crew
        do { crew = try hire(staffing, prepared, memory) } catch {
            prepared.close()
            throw error
        }
        prepared.close()
        defer { crew.dismiss() }
        let gate = memory.gate
        hooks.forked(crew.processes.map(\.id))
        gate.watch()
        try wait(for: crew, memory) { gate.arrived == staffing.count || crew.killedBy != nil }
        gate.turn(to: .guarding)
        try hold(guardTime, crew: crew, memory)
        hooks.opening()
        gate.turn(to: .measuring)
        try hold(duration, crew: crew, memory)
        gate.turn(to: .draining)
        hooks.closing()
        try wait(for: crew, memory) { false }
        var counts = SliceCounts(memory, workload: workload, clock: clock)
        counts.killedBy = crew.killedBy
        return counts
    }

    private func hire(
        _ staffing: Staffing, _ prepared: any PreparedWorkload, _ memory: TallyMemory
    ) throws(PlumblineError) -> Crew {
        let crew = Crew()
        let shares =
            staffing.kind == .process
            ? (0..<staffing.count).map { $0..<$0 + 1 } : [0..<staffing.count]
        for share in shares {
            do {
                let child = try ChildProcess.fork {
                    memory.gate.awaitWatch()
                    live(share, staffing, prepared, memory)
                    return 0
                }
                crew.processes.append(child)
            } catch {
                crew.dismiss()
                throw .failure(
                    "cannot fork worker \(share.lowerBound): \(error)",
                    remedy: "ask for fewer workers, or raise ulimit -u")
            }
        }
        return crew
    }

    /// The life of a forked process: one worker, or one thread for each of several.
    private func live(
        _ share: Range<Int>, _ staffing: Staffing, _ prepared: any PreparedWorkload,
        _ memory: TallyMemory
    ) {
        if let group {
            do { try SystemFile.write("0", to: group) } catch {
                memory.store(
                    .failure("cannot enter \(group): \(error)"), worker: share.lowerBound)
                return
            }
        }
        try? SystemFile.write("500", to: "/proc/self/oom_score_adj")
        let shift = Shift(
            memory: memory, prepared: prepared, clock: clock, timed: staffing.timed,
            counts: counts)
        if share.count == 1 { shift.work(share.lowerBound) } else { shift.work(asThreads: share) }
    }

    /// Lets the workers run for a time, or until one is killed.
    private func hold(
        _ nanoseconds: Int, crew: Crew, _ memory: TallyMemory
    ) throws(PlumblineError) {
        let end = cshims_monotonic_ns() + UInt64(nanoseconds)
        while crew.killedBy == nil, cshims_monotonic_ns() < end {
            _ = cshims_sleep_until(min(end, cshims_monotonic_ns() + 100_000_000))
            hooks.pulse()
            try check(crew, memory)
        }
    }

    /// Waits until a condition holds or every worker has ended.
    private func wait(
        for crew: Crew, _ memory: TallyMemory, until isTrue: () -> Bool
    ) throws(PlumblineError) {
        let start = cshims_monotonic_ns()
        var nextPulse = start + 250_000_000
        while !isTrue() {
            try check(crew, memory)
            if crew.processes.isEmpty { return }
            let now = cshims_monotonic_ns()
            if now - start > Self.patience {
                throw .failure(
                    "the workers did not \(memory.gate.isOpen ? "start" : "stop") within "
                        + "\(Self.patience / 1_000_000_000) s",
                    remedy: "look at the kernel's log for a hung task")
            }
            if now > nextPulse {
                hooks.pulse()
                nextPulse = now + 250_000_000
            }
            _ = cshims_sleep_until(now + 200_000)
        }
    }

    private func check(_ crew: Crew, _ memory: TallyMemory) throws(PlumblineError) {
        if Interrupts.pending != nil {
            throw PlumblineError(.interrupted, "interrupted in a slice")
        }
        let before = crew.processes.count
        crew.reap()
        guard crew.processes.count < before else { return }
        for worker in 0..<memory.workers {
            if let error = memory.error(worker) { throw error }
        }
    }
}

/// What the threads of a worker process share; the process outlives them.
private final class Shift: @unchecked Sendable {
    let memory: TallyMemory
    let prepared: any PreparedWorkload
    let clock: FastClock
    let timed: Bool
    let counts: Set<Counter.Kind>
    var share = 0..<0

    init(
        memory: TallyMemory, prepared: any PreparedWorkload, clock: FastClock, timed: Bool,
        counts: Set<Counter.Kind>
    ) {
        self.memory = memory
        self.prepared = prepared
        self.clock = clock
        self.timed = timed
        self.counts = counts
    }

    /// One worker's life, on the calling thread.
    func work(_ index: Int) {
        let gate = memory.gate
        var worker = Worker(index: index, gate: gate, clock: clock, timed: timed, counts: counts)
        do throws(PlumblineError) {
            try prepared.run(&worker)
        } catch {
            fail(error, worker: index)
        }
        gate.finish()
        memory.store(worker)
    }

    /// Several workers' lives, each on a thread of its own and none on the calling one.
    ///
    /// Swift's runtime remembers the id of a thread across `fork(2)`. In the forked thread its once
    /// tokens and mutexes carry the id of the parent's thread, the kernel refuses to unlock them
    /// (`FUTEX_UNLOCK_PI`), and whoever contends for one waits for ever. So the forked thread does
    /// nothing but wait, in C, while others run.
    func work(asThreads share: Range<Int>) {
        self.share = share
        var lead: OpaquePointer?
        let answer = cshims_thread_start(
            { context in
                guard let context else { return }
                Unmanaged<Shift>.fromOpaque(context).takeUnretainedValue().lead()
            }, Unmanaged.passUnretained(self).toOpaque(), &lead)
        guard answer == 0 else {
            fail(Self.noThread(Errno(rawValue: -answer)), worker: share.lowerBound)
        }
        _ = cshims_thread_join(lead)
    }

    /// The first worker's thread, which starts the others.
    private func lead() {
        var threads: [WorkerThread] = []
        for index in share.dropFirst() {
            do { threads.append(try WorkerThread.start { self.work(index) }) } catch {
                fail(Self.noThread(error), worker: index)
            }
        }
        work(share.lowerBound)
        for thread in threads { thread.join() }
    }

    /// Ends the process: those who wait for this worker's half must not wait for ever.
    private func fail(_ error: PlumblineError, worker: Int) -> Never {
        memory.store(error, worker: worker)
        cshims_exit_now(1)
    }

    private static func noThread(_ error: Errno) -> PlumblineError {
        .failure(
            "cannot start a worker thread: \(error)",
            remedy: "ask for fewer workers, or raise ulimit -u")
    }
}

/// The forked processes of a slice.
private final class Crew {
    var processes: [ChildProcess] = []
    /// The signal that killed one of them, where one did.
    var killedBy: Int32?

    /// Takes note of those that ended.
    func reap() {
        processes.removeAll { child in
            guard let end = try? child.wait(noHang: true) else { return false }
            if case .signalled(let signal) = end { killedBy = signal }
            return true
        }
    }

    /// Kills those that are left and waits for them.
    func dismiss() {
        for child in processes { try? child.kill(9) }
        for child in processes {
            // A signal to the agent must not leave a dead child behind.
            var answer = Result { try child.wait() }
            while case .failure(Errno.interrupted) = answer { answer = Result { try child.wait() } }
        }
        processes = []
    }
}
