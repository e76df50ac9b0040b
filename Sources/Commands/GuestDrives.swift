// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Machine
import Protocol
import Workloads

/// The drives that a suite's cells need of a guest.
enum GuestDrives {
    /// Their sizes in bytes: one for each storage `virtio` that differs, since the agent keeps them
    /// all until its end.
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
