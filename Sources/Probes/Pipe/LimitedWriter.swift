// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// A process in a memory cgroup (v2) of its own that writes to a pipe while the group has room for a known
/// number of pages.
///
/// At its limit the process must touch no page that is new to it: a page fault would wait for memory
/// for ever. So it does all steps once before, while there is no limit.
enum LimitedWriter {
    /// What became of the write.
    struct Outcome {
        /// Bytes that were written, or `-errno`.
        var answer: Int
        /// What was counted before it.
        var before = PipeTrace.Counts()
        /// What the group counted meanwhile, by the names of `Cgroup.statistics`.
        var events: [String: Int64]
        /// How the process ended.
        var exit: ChildProcess.Exit
        /// What could not be undone.
        var notices: [String] = []
    }

    /// What a group counts at its limit: `memory.events` of cgroup v2.
    static let events = [
        (name: "events_oom", words: "oom events"), (name: "events_max", words: "max events"),
    ]

    /// Room that is left by the limit for the process to fill, pages. The kernel keeps up to 63 more
    /// for a CPU.
    private static let slack = 32

    /// Why the process ended, as its exit status.
    private enum Status: Int32, CaseIterable {
        case right, wrongBytes, noExemption, noGroup
    }

    /// How a process's end is to be told.
    static func complaint(of exit: ChildProcess.Exit) -> String {
        guard case .exited(let code) = exit, let status = Status(rawValue: code) else {
            return "the writer \(exit)"
        }
        return switch status {
        case .right: "the writer ended"
        case .wrongBytes: "what came out of the pipe is not what the write says that it wrote"
        case .noExemption: "cannot write -1000 to /proc/self/oom_score_adj"
        case .noGroup: "cannot enter the cgroup"
        }
    }

    /// Has a process write 64 KiB to an empty pipe in a new group, which is removed at the end.
    ///
    /// - Parameters:
    ///   - room: pages that the group has room for.
    ///   - trace: counts what is not allocated; nil where nothing can be traced.
    /// - Throws: `failure` for a group that cannot be made or that does not come to its limit;
    ///   `interrupted`.
    static func write(
        room: Int, _ host: ProbeHost, _ trace: PipeTrace?
    ) throws(PlumblineError) -> Outcome {
        let changes = ChangeStack(host.undoLog)
        do throws(PlumblineError) {
            let group = try host.granted { () throws(PlumblineError) in
                try Cgroup.create(changes: changes)
            }
            try host.granted { () throws(PlumblineError) in try group.setSwapLimit(0) }
            var outcome = try write(room: room, in: group, host, trace)
            switch outcome.exit {
            case .exited(Status.noExemption.rawValue):
                try host.skip(complaint(of: outcome.exit), remedy: "run with CAP_SYS_RESOURCE")
            case .exited(Status.noGroup.rawValue): try host.skip(complaint(of: outcome.exit))
            default: break
            }
            outcome.notices = changes.undoAll()
            return outcome
        } catch {
            changes.undoAll()
            throw error
        }
    }

    private static func write(
        room: Int, in group: Cgroup, _ host: ProbeHost, _ trace: PipeTrace?
    ) throws(PlumblineError) -> Outcome {
        let pipes = try host.setUp("cannot make a pipe") { () throws(Errno) in
            try LimitedPipes()
        }
        let cpus = try host.setUp("cannot tell the CPU") { () throws(Errno) in
            CPUSet([try CPUSet.current()])
        }
        var children = ProbeChildren()
        try children.start(host) {
            let status = life(in: group, on: cpus, pipes)
            pipes.turns.end()
            return status.rawValue
        }
        guard try pipes.turns.reach(.rehearsed, host) else { return try ended(&children, host) }
        let limit = try fill(group, by: pipes.turns, host)
        try group.setLimit(limit + room * MappedMemory.pageSize)
        let (before, counts) = (group.statistics(), try trace?.countsSoFar())
        pipes.turns.goOn()
        guard try pipes.turns.reach(.written, host) else { return try ended(&children, host) }
        let after = group.statistics()
        let answer = pipes.turns.answer
        try group.setLimit(1 << 40)
        pipes.turns.goOn()
        var outcome = try ended(&children, host)
        outcome.answer = answer
        if let counts { outcome.before = counts }
        outcome.events = after.merging(before) { $0 - $1 }
        return outcome
    }

    /// Sets a limit, and has the process come to it.
    ///
    /// - Returns: the limit in bytes; the group holds as much.
    private static func fill(
        _ group: Cgroup, by turns: borrowing LimitedTurns, _ host: ProbeHost
    ) throws(PlumblineError) -> Int {
        let limit = usage(of: group) + slack * MappedMemory.pageSize
        try group.setLimit(limit)
        turns.goOn()
        guard try turns.reach(.filled, host), usage(of: group) == limit else {
            try host.skip(
                "the cgroup \(group.path) holds \(usage(of: group)) bytes, and does not stay at its "
                    + "limit of \(limit)")
        }
        return limit
    }

    private static func usage(of group: Cgroup) -> Int {
        Int(group.statistics()["usage"] ?? 0)
    }

    /// The process's life.
    private static func life(
        in group: Cgroup, on cpus: CPUSet, _ pipes: borrowing LimitedPipes
    ) -> Status {
        // The kernel keeps pages of a group for each CPU: one CPU is enough.
        try? cpus.applyToCurrentThread()
        guard (try? SystemFile.write("-1000", to: "/proc/self/oom_score_adj")) != nil else {
            return .noExemption
        }
        do throws(Errno) { try group.enter() } catch { return .noGroup }

        let (writer, reader) = (pipes.rehearsal.writer.rawValue, pipes.rehearsal.reader.rawValue)
        fill(writer, from: pipes.output)
        guard isRight(reader, of: pipes.output.count, pipes) else { return .wrongBytes }
        var sent = send(writer, pipes.output)
        guard isRight(reader, of: sent, pipes) else { return .wrongBytes }
        pipes.turns.pause(at: .rehearsed)

        fill(pipes.filler.writer.rawValue, from: pipes.output)
        pipes.turns.pause(at: .filled)

        sent = send(pipes.target.writer.rawValue, pipes.output)
        pipes.turns.answer = sent
        pipes.turns.pause(at: .written)
        return isRight(pipes.target.reader.rawValue, of: sent, pipes) ? .right : .wrongBytes
    }
}

extension LimitedWriter {
    /// Writes page by page until there is no room or no memory.
    private static func fill(_ pipe: CInt, from output: UnsafeMutableRawBufferPointer) {
        let page = MappedMemory.pageSize
        var offset = 0
        while let start = output.baseAddress?.advanced(by: offset),
            RawCall.write(pipe, from: start, count: page) > 0
        {
            offset = (offset + page) % output.count
        }
    }

    private static func send(_ pipe: CInt, _ output: UnsafeMutableRawBufferPointer) -> Int {
        RawCall.write(pipe, from: output.baseAddress, count: output.count)
    }

    /// Whether the first bytes of the output come out of a pipe, and no more.
    private static func isRight(
        _ pipe: CInt, of count: Int, _ pipes: borrowing LimitedPipes
    ) -> Bool {
        guard RawCall.readableBytes(pipe) == max(0, count) else { return false }
        guard count > 0 else { return true }
        let (input, output) = (pipes.input, pipes.output)
        let got = RawCall.read(pipe, into: input.baseAddress, count: count)
        return got == count && (0..<count).allSatisfy { input[$0] == output[$0] }
    }

    /// What is known of a process that has ended, or is ended here.
    private static func ended(
        _ children: inout ProbeChildren, _ host: ProbeHost
    ) throws(PlumblineError) -> Outcome {
        guard let exit = try children.allEnd(host)?.first else {
            throw .failure("a writer in a cgroup at its limit hangs")
        }
        return Outcome(answer: 0, events: [:], exit: exit)
    }
}
