// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux

/// Which CPUs hogs run on, and which the workers.
package struct HogPlacement: Sendable, Equatable {
    /// The CPUs that hogs are held to; nil for any.
    package var hogs: CPUSet?
    /// The CPUs that workers are held to, unless they have settings of their own; nil for any.
    package var workers: CPUSet?
    /// Whether both run on the same CPUs; nil where the user placed the hogs.
    package var sharesCPUs: Bool?

    /// The workers that hogs are placed beside.
    package struct Workers: Sendable, Equatable {
        /// How many there are.
        package var count: Int
        /// CPUs that their settings give to some of them, which no hog gets.
        package var cpus: CPUSet

        /// Workers, of which none has CPUs of its own unless said.
        package init(count: Int, cpus: CPUSet = CPUSet()) {
            self.count = count
            self.cpus = cpus
        }
    }

    /// Hogs where the user wants them; else a CPU for each, where that leaves one for each worker and
    /// one for everything else, and none that a worker's settings name; else anywhere.
    ///
    /// - Parameter allowed: the CPUs that this process may run on.
    /// - Throws: `usage` when this process may run on none of those that the user wants.
    package init(
        of pressure: any PressureDescription, beside workers: Workers,
        on allowed: CPUSet = (try? .allowed()) ?? CPUSet()
    ) throws(PlumblineError) {
        if let wanted = pressure.hogCPUs {
            guard wanted.cpus.contains(where: allowed.contains) else {
                throw .usage(
                    "\(type(of: pressure).name): hog_cpus=\(wanted) has no CPU that this process "
                        + "may run on",
                    remedy: "allowed: \(allowed)")
            }
            hogs = wanted
            return
        }
        let count = pressure.hogs(onCPUs: allowed.count)
        guard count > 0 else { return }
        let free = allowed.cpus.filter { !workers.cpus.contains($0) }
        sharesCPUs = count + workers.count >= allowed.count || count > free.count
        guard sharesCPUs == false else { return }
        let own = CPUSet(free.suffix(count))
        hogs = own
        self.workers = CPUSet(allowed.cpus.filter { !own.contains($0) })
    }

    /// Everything anywhere, without hogs.
    package init() {}
}
