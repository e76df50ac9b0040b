// SPDX-License-Identifier: GPL-3.0-or-later

/// The kernel's functions that lock and unlock a mutex (kernel/locking/mutex.c); those that only try
/// to lock are left out.
package enum MutexFunctions {
    private static let lock: Set = [
        "mutex_lock", "mutex_lock_nested", "mutex_lock_io", "mutex_lock_killable",
        "mutex_lock_interruptible",
    ]
    private static let unlock = "mutex_unlock"
    /// Further functions of a charge to a memory cgroup at its limit (mm/memcontrol.c). It may unlock
    /// a mutex that it only tried to lock.
    private static let charging = ["drain_all_stock", "out_of_memory"]

    /// Traces their entries.
    ///
    /// - Returns: whether the trace shows who holds a mutex: not on a kernel without the function
    ///   tracer.
    package static func follow(in instance: TraceInstance) -> Bool {
        let found = instance.follow(functions: lock.sorted() + [unlock])
        return found.contains(unlock) && found.count > 1
    }

    /// How the entry of a function changes the number of mutexes that its thread holds: by 1, -1, or
    /// 0 for any other function, and for the mutexes that allocators take and give back themselves.
    ///
    /// - Parameter caller: the text that names the calling function.
    package static func step(of function: String, from caller: some StringProtocol) -> Int {
        let step = lock.contains(function) ? 1 : function == unlock ? -1 : 0
        guard step != 0, !AllocatorFunctions.contain(caller),
            !charging.contains(where: caller.contains)
        else { return 0 }
        return step
    }
}
