// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// How many workers a workload has and what they are.
package struct WorkerLayout: Sendable, Equatable {
    /// What a worker is made as.
    package enum Kind: String, SettingChoice, Sendable {
        /// Threads of one process: they share the file table and the address space.
        case thread
        /// Processes: they share neither.
        case process
    }
    /// Threads or processes.
    package var kind: Kind
    /// How many.
    package var count: Int
    /// Whether each operation is timed.
    package var timed: Bool
    /// Whether latency counts from the time an operation was due.
    package var openLoop = false

    /// Workers of a kind.
    package init(kind: Kind, count: Int, timed: Bool, openLoop: Bool = false) {
        self.kind = kind
        self.count = count
        self.timed = timed
        self.openLoop = openLoop
    }
}

/// Where a worker runs and where its memory comes from.
package struct WorkerPlacement: Sendable, Equatable {
    /// The CPUs it is held to; `nil` for those it may use anyway.
    package var cpus: CPUSet?
    /// The NUMA node its memory comes from, and whose CPUs it is held to when `cpus` says nothing.
    package var node: Int?

    /// A placement; without both it changes nothing.
    package init(cpus: CPUSet? = nil, node: Int? = nil) {
        self.cpus = cpus
        self.node = node
    }
}
