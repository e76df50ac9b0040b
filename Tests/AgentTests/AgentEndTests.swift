// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Journal
import Linux
import Testing

/// What a killed or interrupted agent leaves on the machine.
@Suite("The agent's end", .serialized) struct AgentEndTests {
    private static let isRoot = ChildProcess.userID == 0

    /// Cgroups, zram devices, loop devices and mounts that carry our name or were not there before.
    private func traces() -> Set<String> {
        var found: Set<String> = []
        let mounts = (try? SystemFile.read("/proc/self/mounts")) ?? ""
        for line in mounts.split(separator: "\n") where line.contains("plumbline") {
            found.insert(String(line))
        }
        let cgroups = (try? Command.run(["find", "/sys/fs/cgroup", "-name", "plumbline-*"]))?.output
        for line in (cgroups ?? "").split(separator: "\n") { found.insert(String(line)) }
        for name in (try? SystemFile.list("/sys/block")) ?? [] where name.hasPrefix("zram") {
            let size = try? SystemFile.readInteger("/sys/block/\(name)/disksize")
            if size != 0 { found.insert(name) }
        }
        for name in (try? SystemFile.list("/sys/block")) ?? [] where name.hasPrefix("loop") {
            if SystemFile.exists("/sys/block/\(name)/loop/backing_file") { found.insert(name) }
        }
        let swaps = (try? SystemFile.read("/proc/swaps")) ?? ""
        for line in swaps.split(separator: "\n").dropFirst() { found.insert(String(line)) }
        return found
    }

    /// A busy agent with a cgroup, a zram device with a file system, and hogs.
    private func busy() throws -> AgentProcess {
        let agent = try AgentProcess()
        _ = try agent.next()
        try agent.send(
            order(
                1, "dio", ["storage": "zram:ext4", "size": "16m", "bs": "4k"], pressure: "memcg",
                pressureSettings: ["limit": "64m"], duration: 30_000_000_000))
        while let message = try agent.next() {
            if case .heartbeat(1) = message { break }
        }
        return agent
    }

    @Test(
        "SIGINT and SIGTERM in a slice put everything back, say why, and exit 130",
        .enabled(if: isRoot, "needs root for cgroups and zram"), arguments: [2, 15] as [Int32])
    func interrupted(signal: Int32) throws {
        let before = traces()
        let agent = try busy()
        #expect(traces() != before)
        try agent.child.kill(signal)
        guard case .failed(1, let error)? = try agent.answer() else {
            Issue.record("no answer to the order")
            return
        }
        #expect(error.kind == .interrupted)
        #expect(try agent.answer() == .bye)
        #expect(try agent.end() == .exited(130))
        #expect(traces().subtracting(before).isEmpty)
    }

    @Test(
        "the end of the controller in a slice puts everything back",
        .enabled(if: isRoot, "needs root for cgroups and zram"))
    func controllerGone() throws {
        let before = traces()
        let result = try Command.run([
            "sh", "-c",
            """
            { printf '%s\\n' "$1"; sleep 0.2; } | "$0" | head -n 1 >/dev/null
            while pgrep -x plumbline-agent >/dev/null; do sleep 0.1; done
            """,
            AgentProcess.path,
            String(
                decoding: try LineCodec.encode(
                    order(
                        1, "dio", ["storage": "zram:ext4", "size": "16m"], pressure: "memcg",
                        duration: 2_000_000_000)
                ).dropLast(), as: UTF8.self),
        ])
        #expect(result.succeeded)
        #expect(traces().subtracting(before).isEmpty)
    }

    @Test("a worker that is killed voids its slice, and the next order runs")
    func workerKilled() throws {
        let agent = try AgentProcess()
        _ = try agent.next()
        try agent.send(order(1, "pipe", ["workers": "process"], duration: 60_000_000_000))
        while let message = try agent.next() {
            if case .heartbeat(1) = message { break }
        }
        let agentID = try #require(
            SystemFile.read("/proc/\(agent.child.id)/task/\(agent.child.id)/children")
                .split(separator: " ").first.flatMap { Int32($0) })
        try ChildProcess(id: agentID).kill(ChildProcess.killSignal)
        guard case .result(1, let slice)? = try agent.answer() else {
            Issue.record("no result")
            return
        }
        #expect(slice.validity.reasons["worker-failed"]?.contains("signal 9") == true)
        try agent.send(order(2))
        guard case .result(2, let next)? = try agent.answer() else {
            Issue.record("no result after a killed worker")
            return
        }
        #expect(next.validity.isValid)
    }
}
