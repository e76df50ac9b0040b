// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import SystemPackage

/// Which task measures which machine: a machine counts once, however Slurm hands out its nodes.
extension FleetDirectory {
    private var folder: String { "\(path)/\(Self.machines)" }

    /// The machines that other tasks have taken.
    package func machines(takenByOthersThan task: Int) -> [String] {
        ((try? SystemFile.list(folder)) ?? []).filter {
            (try? SystemFile.readInteger("\(folder)/\($0)")) != task
        }
    }

    /// Takes a machine for a task.
    ///
    /// - Returns: the task that has it; nil when it is this one's now.
    /// - Throws: `usage` for a name that is none, `failure` when nothing can be written.
    package func take(
        machine name: String, for task: Int
    ) throws(PlumblineError) -> Int? {
        try FleetPlan.check(machineName: name)
        let file = "\(folder)/\(name)"
        do {
            try Descriptor.open(file, [.write, .create, .exclusive], mode: 0o600)
                .writeAll("\(task)\n")
            return nil
        } catch .fileExists {
            // A kill before the number was written leaves an empty file, which nobody holds.
            guard let holder = try? SystemFile.readInteger(file) else {
                do { try SystemFile.unlink(file) } catch { throw .failure("\(file): \(error)") }
                return try take(machine: name, for: task)
            }
            return holder == task ? nil : holder
        } catch {
            throw .failure("\(file): \(error)")
        }
    }

    /// Holds a machine that the task has taken until this process ends.
    ///
    /// Slurm may take a machine for lost on which a task still runs, and give it out again before
    /// that run has ended.
    ///
    /// - Parameter seconds: how long to wait for an earlier run; Slurm's KillWait is 30 by default.
    /// - Throws: `failure` when the earlier run does not end.
    package func hold(machine name: String, seconds: Int = 120) throws(PlumblineError) {
        let file = "\(folder)/\(name)"
        do {
            let lock = try Descriptor.open(file, .readWrite)
            for _ in 0..<max(seconds * 10, 1) {
                do {
                    try lock.lockExclusively()
                    _ = lock.release()
                    return
                } catch .wouldBlock {
                    try Clock.sleep(nanoseconds: 100_000_000)
                }
            }
        } catch {
            throw .failure("\(file): \(error)")
        }
        throw .failure(
            "\(name): an earlier run of this task is still at work there",
            remedy: "end it on that machine, then submit the fleet anew")
    }

    /// Gives a machine back that nothing was measured on.
    package func giveBack(machine name: String) { try? SystemFile.unlink("\(folder)/\(name)") }

    /// Puts away the journal of a machine that the task has left, because a journal is of one
    /// machine; it stays in the directory.
    package func putAside(journalOf task: Int, from machine: String) throws(PlumblineError) {
        let journal = journal(of: task)
        guard SystemFile.exists(journal) else { return }
        guard rename(journal, "\(path)/\(task)/journal-of-\(machine).jsonl") == 0 else {
            throw .failure("\(journal): cannot rename: \(Errno(rawValue: errno))")
        }
    }
}
