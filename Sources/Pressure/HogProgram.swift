// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// A program whose processes make memory scarce; all of them end with this process.
///
/// They are one process group: a signal reaches all. The kernel kills a child with its parent, but
/// not the child's children; a watcher of ours kills the group once this process has ended.
final class HogProgram: Hogs {
    private let kind: String
    private let name: String
    private let leader: ChildProcess
    private let output: Descriptor
    private let kills = OOMKills()
    /// The most processes that were seen alive.
    private var most = 0
    /// The end of what it has said.
    private var said: [UInt8] = []

    /// Starts a program, which is found in PATH.
    ///
    /// - Throws: `failure` when no process or pipe can be made.
    init(
        _ arguments: [String], kind: String, cpus: CPUSet?, changes: ChangeStack
    ) throws(PlumblineError) {
        self.kind = kind
        name = arguments[0]
        let remedy = "raise the process limit (ulimit -u)"
        let pipe = try attempting("cannot make a pipe") { () throws(Errno) in try Pipe() }
        leader = try attempting("cannot start \(arguments[0])", remedy: remedy) {
            () throws(Errno) in
            try ChildProcess.startGroup(arguments, output: pipe.writer) { () throws(Errno) in
                try SystemFile.write("1000", to: "/proc/self/oom_score_adj")
                try cpus?.applyToCurrentThread()
            }
        }
        output = pipe.takeReader()
        try Self.record(leader, changes)
        let owner = ChildProcess.currentID
        let watcher = try attempting("cannot start a watcher", remedy: remedy) {
            [leader] () throws(Errno) in
            try ChildProcess.fork { Self.watch(leader, of: owner) }
        }
        try Self.record(watcher, changes)
    }

    private static func record(
        _ child: ChildProcess, _ changes: ChangeStack
    ) throws(PlumblineError) {
        guard let identity = ProcessIdentity(running: child.id) else { return }
        do {
            try changes.make(.killProcess(process: child.id, startTime: identity.startTime)) {}
        } catch {
            try? child.killGroup()
            try? child.kill()
            _ = try? child.wait()
            throw error
        }
    }

    /// The watcher's life: it waits for the end of the group's leader or of this process, and
    /// leaves none of the group.
    private static func watch(_ leader: ChildProcess, of owner: Int32) -> Int32 {
        do {
            try ChildProcess.setCurrentName("plumbline-watch")
            try ChildProcess.leadGroup()
            let parent = try ProcessDescriptor(owner)
            let program = try ProcessDescriptor(leader.id)
            try ChildProcess.outliveParent()
            var isOver = ChildProcess.parentID != owner
            while !isOver {
                let ended = try parent.awaitEnd(or: program, timeoutMilliseconds: 3_600_000)
                isOver = ended.first || ended.second
            }
        } catch {
            // Without the watch the program must not go on either.
        }
        try? leader.killGroup()
        return 0
    }

    func signal(_ number: Int32) { try? leader.killGroup(number) }

    func end(pulse: () -> Void) {
        signal(ChildProcess.killSignal)
        // Freeing gigabytes takes seconds.
        for _ in 0..<500 {
            pulse()
            if residentBytes == 0 { return }
            try? Clock.sleep(nanoseconds: 20_000_000)
        }
    }

    /// The memory that the group's processes have, in bytes; shared pages count in each.
    var residentBytes: Int { members.reduce(0) { $0 + $1.pages } * MappedMemory.pageSize }

    var ids: [Int32] { members.filter(\.lives).map(\.id) }

    /// The group's processes, whether each lives, and its resident pages.
    private var members: [(id: Int32, lives: Bool, pages: Int)] {
        let tree = SystemTree.live
        return tree.list("/proc").compactMap { Int32($0) }.compactMap { id in
            guard let stat = tree.read("/proc/\(id)/stat"), let close = stat.lastIndex(of: ")")
            else { return nil }
            // proc_pid_stat(5): the state is field 3, the group field 5, and the resident pages field
            // 24; the first after the name is field 3.
            let fields = stat[stat.index(after: close)...].words
            guard fields.count > 21, fields[2] == "\(leader.id)" else { return nil }
            return (id, !["Z", "X"].contains(fields[0]), Int(fields[21]) ?? 0)
        }
    }

    func checkCount() throws(PlumblineError) {
        let living = members.count { $0.lives }
        guard living >= most else {
            let ended = "pressure \(kind): \(most - living) of \(most) processes of \(name) ended"
            throw kills.isAny
                ? .failure(
                    "\(ended), most likely killed by the OOM killer",
                    remedy: "lower vm_bytes, or add zram swap with a larger swap=")
                : .failure("\(ended), and the OOM killer killed nothing")
        }
        most = living
    }

    /// Nothing: no pressure puts a program into a group.
    func checkMembership(of group: Cgroup) throws(PlumblineError) {}

    func checkAlive() throws(PlumblineError) {
        listen()
        let exit: ChildProcess.Exit?
        do { exit = try leader.wait(noHang: true) } catch { exit = .exited(255) }
        guard let exit else { return }
        listen()
        let end =
            switch exit {
            case .exited(127): "could not be executed"
            case .exited(let status): "ended with status \(status)"
            case .signalled(let signal): "was ended by signal \(signal)"
            }
        throw .failure("pressure \(kind): \(name) \(end)" + (lastLine.map { ": \($0)" } ?? ""))
    }

    /// Takes what it has said, so that it never waits for a reader.
    private func listen() {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
        defer { room.deallocate() }
        while let ready = try? output.poll(.input, timeoutMilliseconds: 0), !ready.isEmpty,
            let count = try? output.read(into: room), count > 0
        {
            said = Array((said + room[..<count]).suffix(4096))
        }
    }

    private var lastLine: String? {
        String(decoding: said, as: UTF8.self).split(separator: "\n").last.map(String.init)
    }
}
