// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux

@testable import Workloads

/// Runs one slice of a workload that is prepared for it alone.
struct SliceRunner {
    /// What a test does beside a slice.
    struct Hooks {
        var pulse: () -> Void = {}
        var forked: ([Int32]) -> Void = { _ in }
        var opening: () -> Void = {}
        var closing: () -> Void = {}
        /// Called once all workers are parked after the slice.
        var parked: () -> Void = {}
    }

    var guardTime: Int
    var duration: Int
    var clock: FastClock
    var hooks = Hooks()

    func run(
        _ workload: any Workload, in environment: WorkloadEnvironment
    ) throws(PlumblineError) -> SliceCounts {
        var options = ResidentWorkers.Options()
        options.pulse = hooks.pulse
        options.forked = hooks.forked
        let workers = try ResidentWorkers(workload, in: environment, clock: clock, options)
        defer { workers.release() }
        var slice = ResidentWorkers.Slice(
            guardTime: guardTime, duration: duration, seed: environment.seed)
        slice.opening = hooks.opening
        slice.closing = hooks.closing
        let counts = try workers.measure(slice)
        hooks.parked()
        return counts
    }
}
