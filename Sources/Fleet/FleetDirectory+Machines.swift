// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import SystemPackage

/// Which task measures which machine: a machine counts once, however Slurm hands out its nodes.
extension FleetDirectory {
    private var folder: String { "\(path)/\(Self.machines)" }

    /// The machines that tasks have taken.
    package func takenMachines() -> [String] { (try? SystemFile.list(folder)) ?? [] }

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
