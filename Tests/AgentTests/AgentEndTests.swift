// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import TestSupport
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
    private func busy(duration: Int) throws -> AgentProcess {
        let agent = try AgentProcess()
        _ = try agent.next()
        try agent.send(
            order(
                1, "dio", ["storage": "zram:ext4", "size": "16m", "bs": "4k"], pressure: "memcg",
                pressureSettings: ["limit": "64m"], duration: duration))
        try agent.awaitHeartbeats(of: 1)
        try eventually("the agent changed something") { !changes(of: agent.child.id).isEmpty }
        return agent
    }

    @Test(
        "SIGINT and SIGTERM in a slice put everything back, say why, and exit 130",
        .enabled(if: isRoot, "needs root for cgroups and zram"), arguments: [2, 15] as [Int32])
    func interrupted(signal: Int32) throws {
        let before = setUp()
        let agent = try busy(duration: 600_000_000_000)
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
        // It ends once its slice is over.
        let agent = try busy(duration: 2_000_000_000)
        agent.hangUp()
        _ = try agent.end()
        try expectNothing(of: agent.child.id, before: before)
    }

    /// A busy agent with a program that stays, in a file system on zram that it was given.
    private func busyProgram() throws -> AgentProcess {
        let agent = try AgentProcess()
        _ = try agent.next()
        // It keeps a file open there, and does not end by itself.
        let script = """
            exec 3>"$1/held"; trap '' TERM INT HUP
            while read -r line; do if [ "$line" = stop ]; then echo '{"ops": 1}'; fi; done
            while :; do sleep 1; done
            """
        try agent.send(
            order(
                1, "command",
                [
                    "run": .words(["sh", "-c", script, "sh", "{storage}"]), "contract": "stay",
                    "metric": "json:ops", "better": "higher", "storage": "zram:ext4", "size": "16m",
                ], duration: 600_000_000_000))
        try agent.awaitHeartbeats(of: 1)
        try eventually("the program has its storage") {
            let mounts = try SystemFile.read("/proc/self/mounts").split(separator: "\n")
            let places = mounts.filter { $0.contains("plumbline") }.compactMap {
                $0.split(separator: " ").dropFirst().first
            }
            return places.contains { SystemFile.exists("\($0)/held") }
        }
        return agent
    }

    @Test(
        "the storage of a program is put back with it, which holds a file there",
        .enabled(if: isRoot, "needs root for zram"), arguments: [2, 15] as [Int32])
    func programInterrupted(signal: Int32) throws {
        let before = setUp()
        let agent = try busyProgram()
        try agent.child.kill(signal)
        _ = try agent.end()
        try expectNothing(of: agent.child.id, before: before)
    }

    @Test(
        "after kill -9 of the agent the undo log has the storage of a program",
        .enabled(if: isRoot, "needs root for zram"))
    func programOfKilledAgent() throws {
        let before = setUp()
        let agent = try busyProgram()
        let id = agent.child.id
        try agent.child.kill(ChildProcess.killSignal)
        _ = try agent.child.wait()
        #expect(!changes(of: id).isEmpty)
        try eventually("what the agent left is restored") {
            _ = try Command.run([AgentProcess.path, "--restore"])
            return changes(of: id).isEmpty
        }
        try expectNothing(of: id, before: before)
    }

    @Test("a worker that is killed voids its slice, and the next order runs")
    func workerKilled() throws {
        let agent = try AgentProcess()
        _ = try agent.next()
        try agent.send(order(1, "pipe", ["workers": "process"], duration: 600_000_000_000))
        try agent.awaitHeartbeats(of: 1)
        let children = "/proc/\(agent.child.id)/task/\(agent.child.id)/children"
        var worker: Int32?
        try eventually("the agent has a worker") {
            worker = try SystemFile.read(children).split(separator: " ").first.flatMap { Int32($0) }
            return worker != nil
        }
        try ChildProcess(id: try #require(worker)).kill(ChildProcess.killSignal)
        guard case .result(1, let slice)? = try agent.answer() else {
            Issue.record("no result")
            return
        }
        #expect(slice.validity.reasons["worker-failed"]?.contains("signal 9") == true)
        #expect(try agent.slice(2) { order(2, duration: $0) }.validity.isValid)
    }

    @Test("a worker that is killed while it is parked voids the next slice; the cell runs anew")
    func parkedWorkerKilled() throws {
        let agent = try AgentProcess()
        _ = try agent.next()
        _ = try agent.slice(1) { order(1, "pipe", ["workers": "process"], duration: $0) }
        let children = "/proc/\(agent.child.id)/task/\(agent.child.id)/children"
        let worker = try SystemFile.read(children).split(separator: " ").compactMap { Int32($0) }
            .first
        try ChildProcess(id: try #require(worker)).kill(ChildProcess.killSignal)
        try agent.send(.run(order(2, duration: 600_000_000_000).slice))
        guard case .result(2, let slice)? = try agent.answer() else {
            Issue.record("no result")
            return
        }
        #expect(slice.validity.reasons["worker-failed"]?.contains("signal 9") == true)
        // Its visit ended with it.
        try agent.send(.run(order(3).slice))
        guard case .failed(3, let error)? = try agent.answer() else {
            Issue.record("a visit that ended runs")
            return
        }
        #expect(error.message.contains("not prepared"))
        #expect(try agent.slice(4) { order(4, duration: $0) }.validity.isValid)
    }
}
