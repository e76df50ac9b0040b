// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import Linux
import Machine
import Pressure

/// Reads the kernel's cheap counters right before and right after a slice's measured part: those of
/// reclaim and of stalls.
final class SliceWatch {
    let running: any RunningPressure
    /// The start of the measured part, nanoseconds since 1970.
    private(set) var startedAt: UInt64 = 0
    /// The length of the measured part.
    private(set) var seconds = 0.0
    /// The workers' stalls in direct reclaim; nil without pressure or a way to count them.
    private(set) var stalls: ReclaimStalls?
    /// Requests in flight on the storage's device; nil without one.
    private(set) var inFlight: InFlight?
    private var before = KernelCounters()
    private var after = KernelCounters()
    /// When the measured part began, CLOCK_MONOTONIC.
    private(set) var openedAt: UInt64 = 0
    private let counter: DelayAccounting?
    private let callers: Set<String>
    private let program: ProgramUse?
    private(set) var processes: [Int32] = []
    private var stallsBefore: [Int32: ReclaimStalls]?

    /// - Parameters:
    ///   - counter: counts direct reclaim; nil without pressure.
    ///   - callers: functions of the kernel that allocate a request's structure.
    ///   - program: the foreign program whose processes are the workers' children.
    ///   - device: the storage's device, whose requests in flight are looked at; nil without one.
    init(
        running: any RunningPressure, counter: DelayAccounting?, callers: Set<String>,
        program: ProgramUse? = nil, device: String? = nil
    ) {
        self.running = running
        self.counter = counter
        self.callers = callers
        self.program = program
        inFlight = device.flatMap { InFlight(device: $0) }
    }

    /// The measured part, CLOCK_MONOTONIC.
    var window: ClosedRange<UInt64> { openedAt...openedAt + UInt64(seconds * 1e9) }

    /// What the counters did over the measured part.
    var changes: KernelCounters { after - before }

    func workersStarted(_ processes: [Int32]) {
        self.processes = processes
        counter?.prepare(callers: callers)
    }

    func opened() {
        stallsBefore = counter?.stalls(of: reclaiming, callers: callers)
        before = read()
        startedAt = Clock.realtimeNanoseconds()
        inFlight?.begin()
        openedAt = Clock.monotonicNanoseconds()
    }

    /// Called about ten times a second while workers run.
    func passing() { inFlight?.read() }

    func closed() {
        seconds = Double(Clock.monotonicNanoseconds() - openedAt) / 1e9
        after = read()
        countStalls()
    }

    private func read() -> KernelCounters { .readReclaim(group: running.workloadGroup) }

    /// The workers' processes and, in their cgroup, those of a foreign program.
    private var reclaiming: [Int32] {
        guard program != nil, let group = running.workloadGroup else { return processes }
        return Array(Set(processes + group.members))
    }

    /// Adds up the stalls of the workers' threads, with those that the kernel started for them.
    private func countStalls() {
        stalls = nil
        // What a program that ended has counted is gone with it: the cgroup's counters have it.
        guard program?.endsSlice != true, let stallsBefore,
            let now = counter?.stalls(of: reclaiming, callers: callers)
        else { return }
        var sum = ReclaimStalls()
        for (thread, stalls) in now { sum.add(stalls, since: stallsBefore[thread]) }
        stalls = sum
    }
}
