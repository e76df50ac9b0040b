// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// The forked processes of resident workers.
final class WorkerProcesses {
    private(set) var running: [ChildProcess] = []
    /// Longer than a worker takes for the processes of a foreign program, nanoseconds.
    private static let endTime: UInt64 = 6_000_000_000

    private let startsPrograms: Bool
    /// The signal that killed one of them, where one did.
    private(set) var killedBy: Int32?

    /// Starts a process a worker, or one with a thread for each.
    ///
    /// - Parameter group: a `cgroup.procs` to enter first.
    init(
        _ layout: WorkerLayout, life: WorkerLife, group: String?, startsPrograms: Bool = false
    ) throws(PlumblineError) {
        self.startsPrograms = startsPrograms
        let shares =
            layout.kind == .process
            ? (0..<layout.count).map { $0..<$0 + 1 } : [0..<layout.count]
        for share in shares {
            do {
                running.append(
                    try ChildProcess.fork {
                        life.memory.gate.awaitWatch()
                        life.live(share, group: group)
                        return 0
                    })
            } catch {
                kill()
                throw .failure(
                    "cannot fork worker \(share.lowerBound): \(error)",
                    remedy: "ask for fewer workers, or raise ulimit -u")
            }
        }
    }

    /// Takes note of those that ended.
    func reap() {
        running.removeAll { child in
            guard let end = try? child.wait(noHang: true) else { return false }
            if case .signalled(let signal) = end { killedBy = signal }
            return true
        }
    }

    /// Whether a signal stopped one of them, or continued it, since this was asked last.
    var wereStopped: Bool { running.count { $0.wasStopped } > 0 }

    /// Kills those that are left and waits for them.
    ///
    /// One whose children are a foreign program's kills them first, which may take a moment.
    func kill() {
        if startsPrograms {
            for child in running { try? child.kill(Program.endSignal) }
            let end = Clock.monotonicNanoseconds() + Self.endTime
            while !running.isEmpty, Clock.monotonicNanoseconds() < end {
                reap()
                try? Clock.sleep(nanoseconds: 200_000)
            }
        }
        for child in running { try? child.kill() }
        for child in running {
            // A signal to the agent must not leave a dead child behind.
            var answer = Result { try child.wait() }
            while case .failure(Errno.interrupted) = answer { answer = Result { try child.wait() } }
        }
        running = []
    }
}

/// The life of resident workers, in their own process.
struct WorkerLife: @unchecked Sendable {
    let memory: TallyMemory
    let prepared: any PreparedWorkload
    let clock: FastClock
    let timed: Bool
    let counts: Set<Counter.Kind>
    let cpus: CPUSet?

    /// The life of a forked process: one worker, or one thread for each of several.
    func live(_ share: Range<Int>, group: String?) {
        if let group {
            do { try SystemFile.write("0", to: group) } catch {
                memory.store(
                    .failure("cannot enter \(group): \(error)"), worker: share.lowerBound)
                return
            }
        }
        // Threads inherit it, and a worker that has a place goes there.
        try? cpus?.applyToCurrentThread()
        try? SystemFile.write("500", to: "/proc/self/oom_score_adj")
        guard share.count > 1 else { return work(share.lowerBound) }
        do { try WorkerThread.runAndWait { lead(share) } } catch {
            fail(Self.noThread(error), worker: share.lowerBound)
        }
    }

    /// The first worker's thread, which starts the others.
    private func lead(_ share: Range<Int>) {
        var threads: [WorkerThread] = []
        for index in share.dropFirst() {
            do { threads.append(try WorkerThread.start { work(index) }) } catch {
                fail(Self.noThread(error), worker: index)
            }
        }
        work(share.lowerBound)
        for thread in threads { thread.join() }
    }

    /// One worker's life, on the calling thread.
    private func work(_ index: Int) {
        var worker = Worker(index: index, in: memory, clock: clock, timed: timed, counts: counts)
        do throws(PlumblineError) {
            try prepared.run(&worker)
        } catch {
            fail(error, worker: index)
        }
    }

    /// Ends the process: those who wait for this worker's half must not wait for ever.
    private func fail(_ error: PlumblineError, worker: Int) -> Never {
        memory.store(error, worker: worker)
        ChildProcess.exitNow(1)
    }

    private static func noThread(_ error: Errno) -> PlumblineError {
        .failure(
            "cannot start a worker thread: \(error)",
            remedy: "ask for fewer workers, or raise ulimit -u")
    }
}
