// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Machine
import Protocol
import Workloads

/// The drives that a suite needs in a guest.
enum GuestDrives {
    /// Their sizes in bytes: one for each different storage `virtio`, as the agent keeps all of them
    /// to its end.
    static func sizes(for suite: SuiteRecord) throws(PlumblineError) -> [Int] {
        var sizes: [String: Int] = [:]
        for cell in suite.cells {
            guard let need = try WorkloadCatalogue.workload(of: cell).storage,
                need.storage.hasPrefix("virtio")
            else { continue }
            let spec = try StorageSpec(text: need.storage, size: need.size, writes: need.writes)
            sizes["\(need.storage)|\(need.size)|\(need.writes)"] = spec.deviceSize
        }
        return sizes.values.sorted()
    }
}
