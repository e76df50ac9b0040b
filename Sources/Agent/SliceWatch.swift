// SPDX-License-Identifier: GPL-3.0-or-later

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
    /// The workers' stalls in direct reclaim; nil without pressure or a reclaim trace.
    private(set) var stalls: ReclaimTrace.Stalls?
    /// Requests in flight on the storage's device; nil without one.
    private(set) var inFlight: InFlight?
    private var before = KernelCounters()
    private var after = KernelCounters()
    private var openedAt: UInt64 = 0
    private let trace: ReclaimTrace?
    private var processes: [Int32] = []
    private var stallsBefore: [Int32: ReclaimTrace.Stalls]?

    init(running: any RunningPressure, hasPressure: Bool, device: String? = nil) {
        self.running = running
        inFlight = device.flatMap { InFlight(device: $0) }
        trace = hasPressure ? ReclaimTrace() : nil
    }

    /// What the counters did over the measured part.
    var changes: KernelCounters { after - before }

    func workersStarted(_ processes: [Int32]) {
        self.processes = processes
        trace?.clear()
    }

    func opened() {
        stallsBefore = trace?.stalls()
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

    /// Adds up the stalls of the workers' threads, with those that the kernel started for them.
    private func countStalls() {
        guard let trace, let stallsBefore, let now = trace.stalls() else { return }
        let threads = trace.threads(of: processes)
        var sum = ReclaimTrace.Stalls()
        for (thread, stalls) in now where threads.contains(thread) {
            sum.add(stalls, since: stallsBefore[thread])
        }
        stalls = sum
    }
}
