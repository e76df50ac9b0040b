// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Synchronization

/// Work on several CPUs, without an async runtime.
enum Parallel {
    /// The answers to as many numbers from 0, each from a thread of its own.
    static func map<Answer: Sendable>(_ count: Int, _ body: (Int) -> Answer) -> [Answer] {
        let answers = Mutex([Answer?](repeating: nil, count: count))
        func run(_ number: Int) {
            let answer = body(number)
            answers.withLock { $0[number] = answer }
        }
        withoutActuallyEscaping(run) { run in
            // Nothing outlives the call: each thread is joined before it returns.
            nonisolated(unsafe) let run = run
            let threads = (1..<max(count, 1)).map { number in
                (number, try? WorkerThread.start { run(number) })
            }
            if count > 0 { run(0) }
            for (number, thread) in threads {
                if let thread { thread.join() } else { run(number) }
            }
        }
        return answers.withLock { $0.compactMap { $0 } }
    }
}
