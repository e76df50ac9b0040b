// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

extension StorageSpec {
    /// Where a device's requests complete.
    public enum Completion: String, Sendable {
        /// In the submitter, before submitting returns.
        case inline
        /// In a softirq, on the CPU that submitted.
        case softirq
        /// In a hard interrupt.
        case interrupt
    }

    /// Where requests complete; nil where that is not known: a loop device completes in a kernel
    /// thread, and a device of the user's as its driver does.
    public var completion: Completion? {
        switch backing {
        case .zram, .ramDisk: .inline
        case .nullBlock: [.inline, .softirq, .interrupt][interruptMode]
        case .guestDrive: .interrupt
        case .directory, .loop, .device: nil
        }
    }
}
