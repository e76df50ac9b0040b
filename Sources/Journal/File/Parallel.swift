// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Synchronization

/// Work on several CPUs, without an async runtime.
package enum Parallel {
    /// Does so many pieces of work, each CPU one after the other.
    ///
    /// - Parameter work: does the piece of this number, from 0; several at once.
    /// - Returns: their results in the order of the pieces.
    package static func map<Answer: Sendable>(
        _ count: Int, work: (Int) -> Answer
    ) -> [Answer] {
        var answers: [Answer] = []
        answers.reserveCapacity(count)
        run(count, work: work) { answer in
            answers.append(answer)
            return true
        }
        return answers
    }

    /// As `map`, and takes each result when those before it are taken.
    ///
    /// - Parameter take: takes the next result, never two at once, and says whether to go on.
    static func run<Answer: Sendable>(
        _ count: Int, work: (Int) -> Answer, take: (Answer) -> Bool
    ) {
        let progress = Mutex(Progress<Answer>(count: count))
        func run() {
            while let number = progress.withLock({ $0.next() }) {
                let answer = work(number)
                progress.withLock { progress in
                    progress.finished[number] = answer
                    while let answer = progress.nextFinished() {
                        if !take(answer) { progress.count = 0 }
                    }
                }
            }
        }
        let cpus = (try? CPUSet.allowed().count) ?? 1
        withoutActuallyEscaping(run) { run in
            // Nothing outlives the call: each thread is joined before it returns.
            nonisolated(unsafe) let run = run
            let threads = (1..<max(1, min(count, cpus))).compactMap { _ in
                try? WorkerThread.start { run() }
            }
            run()
            for thread in threads { thread.join() }
        }
    }

    private struct Progress<Answer: Sendable>: Sendable {
        /// Pieces of work; 0 when no more are wanted.
        var count: Int
        var started = 0
        var taken = 0
        /// Results that wait for one before them.
        var finished: [Int: Answer] = [:]

        init(count: Int) { self.count = count }

        mutating func next() -> Int? {
            guard started < count else { return nil }
            started += 1
            return started - 1
        }

        mutating func nextFinished() -> Answer? {
            guard taken < count, let answer = finished.removeValue(forKey: taken) else {
                return nil
            }
            taken += 1
            return answer
        }
    }
}
