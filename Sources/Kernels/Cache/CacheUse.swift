// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Synchronization
import SystemPackage

/// Files of the cache that this process boots guests from, which nobody removes while it lives.
///
/// Each is held by a share in its lock, which ends with the process however it ends; a cleaner
/// takes the whole lock. Rounds of boots read a kernel again and again, so one guest's life would
/// be too short.
public enum CacheUse {
    private final class SharedLock: Sendable {
        private let file: Descriptor
        init(_ path: String) throws(Errno) {
            let file = try Descriptor.open(path)
            try file.lockShared()
            self.file = file
        }
    }

    private static let held = Mutex<[String: SharedLock]>([:])

    /// The lock, which a cleaner that only looks has for a moment.
    private static func lock(_ path: String) throws(Errno) -> SharedLock {
        for _ in 0..<20 {
            do throws(Errno) { return try SharedLock(path) } catch {
                guard error == .wouldBlock else { throw error }
            }
            try Clock.sleep(nanoseconds: 50_000_000)
        }
        return try SharedLock(path)
    }

    /// Holds a file that lies in the cache; any other is nobody's to remove.
    ///
    /// - Throws: `failure` while, or after, `plumbline kernel clean` removes it.
    public static func hold(_ path: String, in cache: String) throws(PlumblineError) {
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
            throw .failure(
                "\(path) is just being removed by another plumbline", remedy: "run it again")
        }
    }
}
