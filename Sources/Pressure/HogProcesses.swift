// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// The child processes that make memory scarce; each dies before this process does.
final class HogProcesses: Hogs {
    private let memory: MappedMemory
    private var hogs: [(child: ChildProcess, report: HogReport)] = []
    private let kind: String
    private let kills = OOMKills()

    /// Starts hogs; each enters the group, takes its place and runs `body`, which does not return
    /// unless it fails.
    ///
    /// - Parameters:
    ///   - body: runs in the child: may allocate, must not touch the undoLog.
    init(
        _ count: Int, kind: String, group: Cgroup? = nil, cpus: CPUSet? = nil,
        changes: ChangeStack, body: (HogReport) throws(Errno) -> Void
    ) throws(PlumblineError) {
        self.kind = kind
        memory = try attempting("cannot share memory with the hogs") { () throws(Errno) in
            try MappedMemory(bytes: count * HogReport.stride, shared: true)
        }
        for index in 0..<count {
            let report = HogReport(index: index, in: memory.bytes)
            let child = try attempting(
                "cannot start a hog", remedy: "lower hogs, or raise the process limit (ulimit -u)"
            ) { () throws(Errno) in
                try ChildProcess.fork {
                    Self.live(report, group: group, cpus: cpus, body: body)
                }
            }
            // The kernel kills it with this process; the record is for helpers of helpers.
            if let identity = ProcessIdentity(running: child.id) {
                let undo = Undo.killProcess(process: identity.id, startTime: identity.startTime)
                do {
                    try changes.make(undo) {}
                } catch {
                    try? child.kill()
                    _ = try? child.wait()
                    throw error
                }
            }
            hogs.append((child, report))
        }
    }

    /// A hog's whole life, in the child.
    private static func live(
        _ report: HogReport, group: Cgroup?, cpus: CPUSet?,
        body: (HogReport) throws(Errno) -> Void
    ) -> Int32 {
        do {
            try SystemFile.write("1000", to: "/proc/self/oom_score_adj")
            try ChildProcess.setCurrentName("plumbline-hog")
            try group?.enter()
            try cpus?.applyToCurrentThread()
            try body(report)
            return 0
        } catch {
            report.fail(error)
            return 1
        }
    }

    /// Whether every hog has filled its memory once.
    var isReady: Bool { hogs.allSatisfy { $0.report.state == .ready } }

    /// Bytes that all hogs have read or written so far.
    var bytes: UInt64 { hogs.reduce(0) { $0 + $1.report.bytes } }

    var ids: [Int32] { hogs.map(\.child.id) }

    /// Sends a signal to each; `checkAlive` reports those that are gone.
    func signal(_ number: Int32) {
        for hog in hogs { try? hog.child.kill(number) }
    }

    func end(pulse: () -> Void) {}

    func checkCount() throws(PlumblineError) {}

    func checkMembership(of group: Cgroup) throws(PlumblineError) {
        let members = Set(group.members)
        guard hogs.contains(where: { !members.contains($0.child.id) }) else { return }
        throw .failure("pressure \(kind): a hog was moved out of the cgroup \(group.path)")
    }

    /// Makes sure that all still run.
    ///
    /// - Throws: `failure` with what became of one that does not.
    func checkAlive() throws(PlumblineError) {
        for (child, report) in hogs {
            if report.state == .failed {
                throw .failure("pressure \(kind): a hog gave up: \(report.error)")
            }
            let exit: ChildProcess.Exit?
            do { exit = try child.wait(noHang: true) } catch { exit = .exited(255) }
            switch exit {
            case nil: continue
            case .signalled(ChildProcess.killSignal):
                throw kills.isAny
                    ? .failure(
                        "pressure \(kind): a hog was killed, most likely by the OOM killer",
                        remedy: "lower the pressure: less vm_bytes, or a higher limit")
                    : .failure(
                        "pressure \(kind): another program killed a hog; the OOM killer killed "
                            + "nothing")
            case .signalled(let signal):
                throw .failure("pressure \(kind): signal \(signal) ended a hog")
            case .exited(let status):
                throw .failure("pressure \(kind): a hog ended with status \(status)")
            }
        }
    }
}
