// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// This process's memory as a whole.
public enum ProcessMemory {
    /// Bytes in use from `malloc(3)`, in arenas and in mappings of their own, by `mallinfo2(3)`.
    public static var heapBytes: Int { Int(cshims_heap_in_use()) }

    /// Keeps every page, code too, in memory from when it is first touched: `mlockall(2)`.
    ///
    /// `fork(2)` does not hand this on: children lock nothing, but find the code in memory.
    ///
    /// - Throws: `notPermitted` without `CAP_SYS_RESOURCE`, for it lifts `RLIMIT_MEMLOCK`.
    public static func lock() throws(Errno) { try checked(cshims_lock_process()) }
}
