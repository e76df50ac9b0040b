// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The storages of probes of direct I/O.
package enum ProbeStorages {
    /// One for each place where requests complete: inline, in a softirq, in a hard interrupt.
    package static let byCompletion = (0...2).compactMap { mode in
        try? StorageSpec(text: "null_blk:ext4", size: 8 << 20, interruptMode: mode)
    }
}
