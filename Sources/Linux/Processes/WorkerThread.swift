// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import Synchronization
import SystemPackage

/// A thread that runs one closure (`pthread_create(3)`), joined at the latest by `deinit`.
///
/// A class, so that an array can hold several of them.
public final class WorkerThread: Sendable {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    // Only `join` uses the pointer, once.
    private nonisolated(unsafe) let handle: OpaquePointer
    private let isJoined = Mutex(false)

    private init(handle: OpaquePointer) { self.handle = handle }

    deinit { join() }

    /// Starts a thread with `pthread_create(3)`; it takes the caller's CPUs and memory policy.
    ///
    /// - Throws: `resourceTemporarilyUnavailable` past the limit of tasks.
    public static func start(_ body: @escaping @Sendable () -> Void) throws(Errno) -> WorkerThread {
        WorkerThread(handle: try launch(body))
    }

    /// Starts so many threads that run at the same time, and ends them.
    ///
    /// - Throws: as `start`.
    public static func tryOut(_ count: Int) throws(Errno) {
        let isOver = Flag()
        var threads: [WorkerThread] = []
        defer {
            isOver.value.withLock { $0 = true }
            for thread in threads { thread.join() }
        }
        for _ in 0..<count {
            threads.append(
                try start {
                    while !isOver.value.withLock({ $0 }) { try? Clock.sleep(nanoseconds: 50_000) }
                })
        }
    }

    private final class Flag: Sendable {
        let value = Mutex(false)
    }

    private static func launch(
        _ body: @escaping @Sendable () -> Void
    ) throws(Errno) -> OpaquePointer {
        let box = Unmanaged.passRetained(Body(body))
        var handle: OpaquePointer?
        let answer = cshims_thread_start(
            { context in
                guard let context else { return }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
            }, box.toOpaque(), &handle)
        guard answer == 0, let handle else {
            box.release()
            throw Errno(rawValue: -answer)
        }
        return handle
    }

    /// Runs a closure in a thread of its own, and waits for its end in C.
    ///
    /// For the thread that comes out of `fork(2)`: Swift's runtime remembers the id of a thread
    /// across a fork. Once-tokens and mutexes then carry the id of the parent's thread, the kernel
    /// refuses to unlock them (`FUTEX_UNLOCK_PI`), and a thread that waits for one never wakes.
    ///
    /// - Throws: `resourceTemporarilyUnavailable` past the limit of tasks.
    public static func runAndWait(_ body: @escaping @Sendable () -> Void) throws(Errno) {
        _ = cshims_thread_join(try launch(body))
    }

    /// Waits for the thread's end with `pthread_join(3)`; at once when it was joined before.
    ///
    /// A thread must not join itself.
    public func join() {
        isJoined.withLock { done in
            if done { return }
            done = true
            let error = cshims_thread_join(handle)
            precondition(error == 0, "a thread cannot join itself")
        }
    }
}
