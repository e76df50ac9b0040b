// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux

/// A description that can be put into practice: it loads the kernel through real system calls.
package protocol Workload: WorkloadDescription {
    /// Opens pipes and files and lays out data, in the agent and before the workers start.
    ///
    /// - Throws: what the machine refused, with the remedy.
    func prepare(in environment: WorkloadEnvironment) throws(PlumblineError)
        -> any PreparedWorkload
}

extension WorkloadDescription {
    /// What loads the kernel in this way.
    package var workload: any Workload {
        guard let workload = self as? any Workload else {
            preconditionFailure("workload \(Self.name) has no loops")
        }
        return workload
    }
}

/// A workload that is ready to run in its workers, slice after slice.
package protocol PreparedWorkload: AnyObject {
    /// One worker's whole life, in its own thread or process.
    ///
    /// It allocates and touches its buffers, and then, while `worker.awaitSlice()` says that there
    /// is another slice: runs uncounted while the gate is `guarding`, calls `worker.begin()`, counts
    /// while it is `measuring`, calls `worker.end()`, and drains without counting what others still
    /// wait for. What fails or comes short is counted throughout. A slice opens no file and
    /// allocates nothing; its offsets and data come from `worker.gate.seed`.
    func run(_ worker: inout Worker) throws(PlumblineError)

    /// Closes what this process holds: called in the agent once the workers have their own.
    func close()

    /// Adds to what the workers counted in a slice that just ended; called in the agent.
    func conclude(_ counts: inout SliceCounts)

    /// Ends what the workers left behind: called in the agent when one of them was killed.
    func sweep()
}

extension PreparedWorkload {
    package func conclude(_ counts: inout SliceCounts) {}
    package func sweep() {}
}

/// What a workload finds where it runs.
package struct WorkloadEnvironment {
    /// The directory of the prepared storage; `nil` when the workload asked for none or for a
    /// raw device.
    package var directory: String?
    /// The raw block device of the prepared storage.
    package var device: String?
    /// The visit's seed.
    package var seed: UInt64
    /// Whether another visit of such a cell may be resident, and use the same files or device.
    package var isShared = false
    /// Called now and then while laying out data takes long.
    package var pulse: () -> Void = {}

    /// An environment.
    package init(directory: String? = nil, device: String? = nil, seed: UInt64) {
        self.directory = directory
        self.device = device
        self.seed = seed
    }
}
