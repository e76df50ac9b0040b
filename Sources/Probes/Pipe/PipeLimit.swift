// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Protocol
import SystemPackage

/// Counts what a write of 64 KiB to an empty pipe does in a memory cgroup that has room for fewer
/// pages: how many it writes, and how many allocations fail.
///
/// The kernel calls the OOM killer for each allocation that fails. It may kill nobody: the writer is
/// the only process of the group, and is exempt.
enum PipeLimit: Probe {
    static let name = "pipe-limit"

    /// Pages that the group has room for: none, fewer than the 8 that designs allocate before the
    /// lock, and more.
    private static let rooms = [0, 4, 12]

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        if let missing = missing() { try host.skip(missing) }
        try host.tracing { (instance) throws(PlumblineError) in
            let trace = try PipeTrace(instance, host, andChildren: true)
            for room in rooms {
                try host.check()
                var outcome: LimitedWriter.Outcome?
                let all = try trace.counting { () throws(PlumblineError) in
                    outcome = try LimitedWriter.write(room: room, host, trace)
                }
                guard let outcome else { continue }
                findings.add(outcome, all, room: room)
            }
        }
    }

    /// Why this machine cannot run the probe.
    private static func missing() -> String? {
        do throws(PlumblineError) { try MemoryHierarchy.checkCharging() } catch {
            return error.message
        }
        // With version 1 a page fault of the writer waits for memory for ever, now and then.
        if Cgroup.version == 1 {
            return "memory cgroups are of version 1, and this needs version 2"
        }
        let file = "/proc/sys/vm/panic_on_oom"
        return (try? SystemFile.readInteger(file)) == 2
            ? "\(file) is 2, and the kernel would panic" : nil
    }

    /// The room of a group in words.
    fileprivate static func words(_ room: Int) -> String {
        room == 0 ? "no room" : "room for \(ProbeCountNames.words(room))"
    }
}

extension ProbeFindings {
    fileprivate mutating func add(
        _ outcome: LimitedWriter.Outcome, _ all: PipeTrace.Counts, room: Int
    ) {
        let words = PipeLimit.words(room)
        let page = MappedMemory.pageSize
        let missed = all - outcome.before
        let written = Double(max(0, outcome.answer)) / Double(page)
        count("\(words): written", written, unit: "pages a write")
        count(
            "\(words): not allocated", Double(missed.failed), unit: "pages a write")
        if all.locked != nil {
            count(
                "\(words): not allocated under the lock", Double(missed.failedLocked),
                unit: "pages a write")
        }
        for (name, event) in LimitedWriter.events {
            guard let value = outcome.events[name] else { continue }
            count("\(words): \(event)", Double(value), unit: "a write")
        }
        requireAnswer(outcome.answer, room: room)
        require(
            outcome.exit == .exited(0),
            "\(words): " + LimitedWriter.complaint(of: outcome.exit))
        require(
            outcome.events["oom_kill"] ?? 0 == 0,
            "\(words): the OOM killer killed a process that is exempt")
        for notice in outcome.notices { faults.append(notice) }
        requireFreed(all, words)
    }

    /// Requires that a write of 64 KiB gets no more pages than there are, and fails without any.
    mutating func requireAnswer(_ answer: Int, room: Int) {
        let most = room * MappedMemory.pageSize
        require(
            room == 0 ? answer == -Int(Errno.noMemory.rawValue) : answer > 0 && answer <= most,
            "\(PipeLimit.words(room)): a write of 64 KiB answered \(answer), and must "
                + (room == 0 ? "ENOMEM" : "write up to \(most) bytes"))
    }
}
