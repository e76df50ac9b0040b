// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import Testing

/// What a killed or interrupted agent leaves on the machine.
@Suite("The agent's end", .serialized) struct AgentEndTests {
    private static let isRoot = ChildProcess.userID == 0

    /// Control groups and undo logs of one agent: its changes that are not put back.
    private func changes(of agent: Int32) -> [String] {
        let groups = ["find", "/sys/fs/cgroup", "-name", "plumbline-\(agent)-*"]
        let undoLogs = (try? SystemFile.list("/run/plumbline")) ?? []
        return ((try? Command.run(groups))?.output ?? "").split(separator: "\n").map(String.init)
            + undoLogs.filter { $0.hasPrefix("undo-\(agent)-") }
    }

    /// Devices, mounts and swap of the whole machine that a run of ours may set up.
    private func setUp() -> Set<String> {
        var found: Set<String> = []
        let mounts = (try? SystemFile.read("/proc/self/mounts")) ?? ""
        for line in mounts.split(separator: "\n") where line.contains("plumbline") {
            found.insert(String(line))
        }
        for name in (try? SystemFile.list("/sys/block")) ?? [] {
            let size = try? SystemFile.readInteger("/sys/block/\(name)/disksize")
            if let size, size != 0 { found.insert(name) }
            if SystemFile.exists("/sys/block/\(name)/loop/backing_file") { found.insert(name) }
        }
        let swaps = (try? SystemFile.read("/proc/swaps")) ?? ""
        for line in swaps.split(separator: "\n").dropFirst() { found.insert(String(line)) }
        return found
    }

    /// Expects that an agent that ended has left nothing.
    private func expectNothing(of agent: Int32, before: Set<String>) throws {
        #expect(changes(of: agent).isEmpty)
        // Another run on the machine may set up what it likes.
        let others = try SystemFile.list("/proc").contains { process in
            (try? SystemFile.read("/proc/\(process)/comm")) == "plumbline-agent\n"
        }
        if !others { #expect(setUp().subtracting(before).isEmpty) }
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
        let before = setUp()
        let agent = try busy()
        #expect(!changes(of: agent.child.id).isEmpty)
        try agent.child.kill(signal)
        guard case .failed(1, let error)? = try agent.answer() else {
            Issue.record("no answer to the order")
            return
        }
        #expect(error.kind == .interrupted)
        #expect(try agent.answer() == .bye)
        #expect(try agent.end() == .exited(130))
        try expectNothing(of: agent.child.id, before: before)
    }

    @Test(
        "the end of the controller in a slice puts everything back",
        .enabled(if: isRoot, "needs root for cgroups and zram"))
    func controllerGone() throws {
        let before = setUp()
        // The first line of its output is the agent's process id, the second its greeting.
        let result = try Command.run([
            "sh", "-c",
            """
            { printf '%s\\n' "$1"; sleep 0.2; } \\
              | sh -c 'echo $$; exec "$0"' "$0" | head -n 2 | head -n 1
            """,
            AgentProcess.path,
            String(
                decoding: try LineCodec.encode(
                    order(
                        1, "dio", ["storage": "zram:ext4", "size": "16m"], pressure: "memcg",
                        duration: 2_000_000_000)
                ).dropLast(), as: UTF8.self),
        ])
        let agent = try #require(Int32(result.output.split(separator: "\n").first ?? ""))
        // The shell waits for its pipeline, and so for the agent.
        #expect(!SystemFile.exists("/proc/\(agent)"))
        try expectNothing(of: agent, before: before)
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
