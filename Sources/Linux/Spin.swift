// SPDX-License-Identifier: GPL-3.0-or-later

import CShims

/// Waiting without a system call.
public enum Spin {
    /// Tells the CPU that the thread is spinning (`PAUSE` on x86-64).
    @inlinable
    @inline(__always)
    public static func hint() { cshims_spin_hint() }
}
