// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The storages of probes of direct I/O.
package enum ProbeStorages {
    /// One for each place where requests complete: inline, in a softirq, in a hard interrupt.
    ///
    /// - Throws: never; the descriptions are valid.
    package static func byCompletion() throws(PlumblineError) -> [StorageSpec] {
        try (0...2).map { (mode) throws(PlumblineError) in
            try StorageSpec(text: "null_blk:ext4", size: 8 << 20, interruptMode: mode)
        }
    }
}
