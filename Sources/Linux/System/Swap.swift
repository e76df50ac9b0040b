// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// Swapping to files and devices (`swapon(2)`); needs root.
public enum Swap {
    /// Starts swapping to a file or device that mkswap has prepared, with `swapon(2)`.
    ///
    /// - Parameter priority: 0 to 32767, higher is used first; nil lets the kernel choose.
    /// - Throws: `notPermitted` without the capability, `invalidArgument` when it is not prepared
    ///   or has holes, `resourceBusy` when it is swapped to already.
    public static func start(_ path: String, priority: Int? = nil) throws(Errno) {
        try checked(cshims_swap_on(path, priority.map { Int32(clamping: $0) } ?? -1))
    }

    /// Reads the pages of a swap file or device back and stops swapping to it, with `swapoff(2)`.
    ///
    /// - Throws: `invalidArgument` when it is not swapped to, `noMemory` when it does not fit.
    public static func stop(_ path: String) throws(Errno) {
        try checked(cshims_swap_off(path))
    }
}
