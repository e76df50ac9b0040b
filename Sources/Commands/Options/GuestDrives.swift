// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Machine
import Protocol

/// The drives that a suite needs in a guest.
enum GuestDrives {
    /// Their sizes in bytes: one for each different storage `virtio`, as the agent keeps all of them
    /// to its end.
    static func sizes(for suite: SuiteRecord) throws(PlumblineError) -> [Int] {
        var drives: Set<StorageSpec> = []
        for cell in suite.cells {
            let storage = try CellDescription(cell).workload.storage
            if let storage, storage.backing == .guestDrive { drives.insert(storage) }
        }
        return drives.map(\.deviceSize).sorted()
    }
}
