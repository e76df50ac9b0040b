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
        var storages: Set<StorageSpec> = []
        for cell in suite.cells {
            guard let storage = try WorkloadCatalogue.workload(of: cell).storage,
                storage.backing == .guestDrive
            else { continue }
            storages.insert(storage)
        }
        return storages.map(\.deviceSize).sorted()
    }
}
