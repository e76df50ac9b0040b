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

    /// Hogs where the user wants them; else a CPU for each, where that leaves one for each worker and
    /// one for everything else; else anywhere.
    ///
    /// - Parameter allowed: the CPUs that this process may run on.
    /// - Throws: `usage` when this process may run on none of those that the user wants.
    package init(
        of pressure: any PressureDescription, beside workers: Int,
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
        sharesCPUs = count + workers >= allowed.count
        guard sharesCPUs == false else { return }
        hogs = CPUSet(allowed.cpus.suffix(count))
        self.workers = CPUSet(allowed.cpus.dropLast(count))
    }

    /// Everything anywhere, without hogs.
    package init() {}
}
