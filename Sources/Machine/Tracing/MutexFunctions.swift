// SPDX-License-Identifier: GPL-3.0-or-later

/// The kernel's functions that lock and unlock a mutex (kernel/locking/mutex.c); those that only try
/// to lock are left out.
package enum MutexFunctions {
    private static let lock: Set = [
        "mutex_lock", "mutex_lock_nested", "mutex_lock_io", "mutex_lock_killable",
        "mutex_lock_interruptible",
    ]
    private static let unlock = "mutex_unlock"

    /// Traces their entries.
    ///
    /// - Returns: whether the trace shows who holds a mutex: not on a kernel without the function
    ///   tracer.
    package static func follow(in instance: TraceInstance) -> Bool {
        let found = instance.follow(functions: lock.sorted() + [unlock])
        return found.contains(unlock) && found.count > 1
    }

    /// How the entry of a function changes the number of mutexes that its thread holds: by 1, -1, or
    /// 0 for any other function.
    package static func step(of function: String) -> Int {
        lock.contains(function) ? 1 : function == unlock ? -1 : 0
    }
}
