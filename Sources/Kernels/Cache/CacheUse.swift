// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Synchronization
import SystemPackage

/// Shared locks on the files of the cache that this process boots guests from.
///
/// A lock is held until the process ends, because each round of boots reads the files again. A
/// cleaner takes an exclusive lock before it removes a file.
package enum CacheUse {
    private final class SharedLock: Sendable {
        private let file: Descriptor
        init(_ path: String) throws(Errno) {
            let file = try Descriptor.open(path)
            try file.lockShared()
            self.file = file
        }
    }

    private static let held = Mutex<[String: SharedLock]>([:])

    /// Waits up to a second: the dry run of a cleaner holds the lock for a moment.
    private static func lock(_ path: String) throws(Errno) -> SharedLock {
        for _ in 0..<20 {
            do throws(Errno) { return try SharedLock(path) } catch {
                guard error == .wouldBlock else { throw error }
            }
            try Clock.sleep(nanoseconds: 50_000_000)
        }
        return try SharedLock(path)
    }

    /// Holds a file of the cache; does nothing for a file elsewhere.
    ///
    /// - Throws: `failure` when `plumbline kernel clean` removes it.
    package static func hold(_ path: String, in cache: String) throws(PlumblineError) {
        let path = CacheFile.resolved(path) ?? path
        let cache = CacheFile.resolved(cache) ?? cache
        guard path.hasPrefix("\(cache)/"), held.withLock({ $0[path] == nil }) else { return }
        do throws(Errno) {
            let lock = try lock(path)
            guard SystemFile.exists(path) else { throw Errno.noSuchFileOrDirectory }
            held.withLock { $0[path] = lock }
        } catch {
            // Some file systems have no locks: then nothing is held.
            guard error == .wouldBlock || error == .noSuchFileOrDirectory else { return }
            throw .failure("another plumbline is removing \(path)", remedy: "run it again")
        }
    }
}
