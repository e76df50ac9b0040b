// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import TestSupport
import Testing

/// A Slurm cluster of this machine alone: munged, slurmctld, and a slurmd for each node, with keys,
/// sockets and ports of their own.
final class SlurmCluster {
    /// What it needs, as programs in PATH.
    private static let programs = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol"]

    /// Whether this machine can run one.
    static let canRun =
        ChildProcess.userID == 0
        && programs.allSatisfy { (try? Command.run(["which", $0]))?.succeeded == true }

    let directory = "/var/tmp/plumbline-slurm-\(UInt32.random(in: 0 ... .max))"
    private var configuration: String { "\(directory)/slurm.conf" }
    private var daemons: [(name: String, process: ChildProcess)] = []

    /// Starts the daemons and waits until each node is idle.
    init(nodes: Int) throws {
        do { try start(nodes: nodes) } catch {
            end()
            throw error
        }
    }

    private func start(nodes: Int) throws {
        for folder in ["", "/munge", "/state", "/bin"] {
            try SystemFile.makeDirectory(directory + folder)
        }
        let key = (0..<64).map { _ in "\(UInt64.random(in: 0 ... .max))" }.joined()
        try write("munge/key", key, mode: 0o400)
        try start(
            "munged",
            [
                "munged", "--foreground", "--force", "--num-threads=2",
                "--key-file=\(directory)/munge/key", "--socket=\(directory)/munge/socket",
                "--pid-file=\(directory)/munge/pid", "--log-file=\(directory)/munge/log",
                "--seed-file=\(directory)/munge/seed",
            ])
        try eventually("munged listens") {
            try requireDaemons()
            return SystemFile.exists("\(directory)/munge/socket")
        }
        try write("slurm.conf", try text(nodes: nodes), mode: 0o644)
        try start("slurmctld", ["slurmctld", "-D", "-f", configuration])
        for node in 1...nodes { try startNode("n\(node)") }
        try eventually("\(nodes) nodes are idle") {
            try requireDaemons()
            let states = try slurm("sinfo", "--noheader", "--Node", "--format=%N %T").output
            return states.split(separator: "\n").count { $0.hasSuffix(" idle") } >= nodes
        }
    }

    /// Starts the slurmd of a node.
    func startNode(_ node: String) throws {
        try start(node, ["slurmd", "-D", "-f", configuration, "-N", node])
    }

    /// Kills the slurmd of a node; its tasks go on.
    func killSlurmd(of node: String) throws {
        let place = try #require(daemons.firstIndex { $0.name == node })
        let slurmd = daemons.remove(at: place).process
        try slurmd.kill()
        _ = try slurmd.wait()
    }

    /// Ends a node as a loss of power would: its slurmd and all that runs there at once.
    func crash(_ node: String) throws {
        try killSlurmd(of: node)
        let tasks = try processes(of: node)
        // The slurmstepd above a task must not report its end.
        let parents = Set(tasks.map { Self.parent(of: $0) }).filter {
            (try? SystemFile.read("/proc/\($0)/comm").trimmed) == "slurmstepd"
        }
        let all = parents.union(tasks).map { ChildProcess(id: $0) }
        for process in all { try? process.kill(ChildProcess.stopSignal) }
        for process in all { try? process.kill() }
        try eventually("nothing runs on \(node)") { try processes(of: node).isEmpty }
    }

    /// Marks a node as down, which slurmctld does by itself after SlurmdTimeout. A node that starts
    /// anew is idle again.
    func takeForLost(_ node: String) throws {
        let down = try slurm(
            "scontrol", "update", "NodeName=\(node)", "State=DOWN", "Reason=test")
        try #require(down.succeeded, "\(down.output)")
    }

    /// What tasks run on a node, or on any, by the environment that Slurm gives them.
    func processes(of node: String? = nil) throws -> [Int32] {
        let marks =
            ["SLURM_CONF=\(configuration)"] + (node.map { ["SLURMD_NODENAME=\($0)"] } ?? [])
        return try SystemFile.list("/proc").compactMap { Int32($0) }.filter { id in
            guard let text = try? SystemFile.read("/proc/\(id)/environ") else { return false }
            let variables = text.split(separator: "\0").map { String($0) }
            return marks.allSatisfy { variables.contains($0) }
        }
    }

    /// The parent's process id; 0 of one that is gone.
    private static func parent(of id: Int32) -> Int32 {
        let status = (try? SystemFile.read("/proc/\(id)/status")) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("PPid:") }
        return line.flatMap { Int32($0.dropFirst(5).trimmed) } ?? 0
    }

    /// The cluster's configuration. CPUs are shared by the nodes, since all are this machine.
    private func text(nodes: Int) throws -> String {
        let host = try SystemFile.read("/proc/sys/kernel/hostname").trimmed
        let port = freePort(nodes + 1)
        return """
            ClusterName=plumbline
            SlurmctldHost=\(host)(127.0.0.1)
            SlurmctldPort=\(port)
            SlurmUser=root
            SlurmdUser=root
            AuthType=auth/munge
            AuthInfo=socket=\(directory)/munge/socket
            CredType=cred/munge
            StateSaveLocation=\(directory)/state
            SlurmdSpoolDir=\(directory)/spool.%n
            SlurmctldPidFile=\(directory)/slurmctld.pid
            SlurmdPidFile=\(directory)/slurmd.%n.pid
            SlurmctldLogFile=\(directory)/slurmctld.log
            SlurmdLogFile=\(directory)/slurmd.%n.log
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            MpiDefault=none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_CPU
            SlurmdParameters=config_overrides
            ReturnToService=2
            AccountingStorageType=accounting_storage/none
            JobAcctGatherType=jobacct_gather/none
            KillWait=30
            NodeName=n[1-\(nodes)] NodeHostname=\(host) NodeAddr=127.0.0.1 \
            Port=[\(port + 1)-\(port + nodes)] CPUs=1
            PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
            PartitionName=one Nodes=n1 MaxTime=INFINITE State=UP

            """
    }

    /// The first of so many ports below the kernel's own range on which nothing listens.
    private func freePort(_ count: Int) -> Int {
        let lines = ["tcp", "tcp6"].flatMap { name in
            ((try? SystemFile.read("/proc/net/\(name)")) ?? "").split(separator: "\n").dropFirst()
        }
        // `0: 0100007F:5208 00000000:0000 …`
        let used = Set(
            lines.compactMap { $0.words[1].split(separator: ":").last }
                .compactMap { Int($0, radix: 16) })
        while true {
            let port = 21_000 + 20 * Int.random(in: 0..<400)
            if used.isDisjoint(with: port..<port + count) { return port }
        }
    }

    /// Fails when a daemon has ended, with its last words.
    private func requireDaemons() throws {
        for daemon in daemons {
            guard let exit = try daemon.process.wait(noHang: true) else { continue }
            daemons.removeAll { $0.process == daemon.process }
            let said = try SystemFile.read("\(directory)/\(daemon.name).out").suffix(2000)
            throw Ended(description: "\(daemon.name) has ended: \(exit)\n\(said)")
        }
    }

    /// A daemon that does not run any more.
    private struct Ended: Error, CustomStringConvertible {
        let description: String
    }

    /// Writes a file of the cluster's directory.
    func write(_ name: String, _ text: String, mode: UInt32) throws {
        try Descriptor.open("\(directory)/\(name)", [.write, .create, .exclusive], mode: mode)
            .writeAll(text)
    }

    private func start(_ name: String, _ arguments: [String]) throws {
        let log = try Descriptor.open("\(directory)/\(name).out", [.write, .create, .append])
        daemons.append((name, try Command.spawn(arguments, output: log)))
    }

    /// Runs one of Slurm's programs.
    func slurm(_ words: String...) throws -> Command.Result {
        try Command.run(["env", "SLURM_CONF=\(configuration)"] + words)
    }

    /// Runs the built plumbline in the cluster's directory, whose programs in `bin` come first.
    func plumbline(_ words: String...) throws -> BuiltProgram.Outcome { try plumbline(words) }

    /// Runs the built plumbline in the cluster's directory, whose programs in `bin` come first.
    func plumbline(_ words: [String]) throws -> BuiltProgram.Outcome {
        let errors = "\(directory)/stderr"
        let result = try Command.run(
            [
                "env", "-C", directory, "SLURM_CONF=\(configuration)", "sh", "-c",
                #"PATH="$PWD/bin:$PATH"; exec "$0" "$@" 2>stderr"#, BuiltProgram.path,
            ] + words, outputLimit: 1 << 20)
        return .init(
            exit: result.exit, document: result.output,
            diagnostics: (try? SystemFile.read(errors)) ?? "")
    }

    /// Ends the jobs and the daemons, and removes the directory.
    func end() {
        _ = try? slurm("scancel", "--user=root")
        try? eventually("no job is left") {
            let jobs = try slurm("squeue", "--noheader")
            return !jobs.succeeded || jobs.output.trimmed.isEmpty
        }
        for id in (try? processes()) ?? [] { try? ChildProcess(id: id).kill() }
        for daemon in daemons.reversed() {
            try? daemon.process.kill(ChildProcess.terminateSignal)
            _ = try? daemon.process.wait()
        }
        _ = try? Command.run(["rm", "-rf", directory])
    }

    /// Runs a test with a cluster of so many nodes.
    static func with(nodes: Int, _ body: (SlurmCluster) throws -> Void) throws {
        let cluster = try SlurmCluster(nodes: nodes)
        defer { cluster.end() }
        try body(cluster)
    }
}
