// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import TestSupport

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
    private var daemons: [ChildProcess] = []

    /// Starts the daemons and waits until each node is idle.
    init(nodes: Int) throws {
        for folder in ["", "/munge", "/state", "/bin"] {
            try SystemFile.makeDirectory(directory + folder)
        }
        let key = (0..<64).map { _ in "\(UInt64.random(in: 0 ... .max))" }.joined()
        try write("munge/key", key, mode: 0o400)
        try start([
            "munged", "--foreground", "--force", "--num-threads=2",
            "--key-file=\(directory)/munge/key", "--socket=\(directory)/munge/socket",
            "--pid-file=\(directory)/munge/pid", "--log-file=\(directory)/munge/log",
            "--seed-file=\(directory)/munge/seed",
        ])
        try eventually("munged listens") { SystemFile.exists("\(directory)/munge/socket") }
        try write("slurm.conf", try text(nodes: nodes), mode: 0o644)
        try start(["slurmctld", "-D", "-f", configuration])
        for node in 1...nodes {
            try start(["slurmd", "-D", "-f", configuration, "-N", "n\(node)"])
        }
        try eventually("\(nodes) nodes are idle") {
            let states = try slurm("sinfo", "--noheader", "--Node", "--format=%N %T").output
            return states.split(separator: "\n").count { $0.hasSuffix(" idle") } >= nodes
        }
    }

    /// The cluster's configuration. CPUs are shared by the nodes, since all are this machine.
    private func text(nodes: Int) throws -> String {
        let host = try SystemFile.read("/proc/sys/kernel/hostname").trimmed
        let port = 21_000 + 20 * Int.random(in: 0..<400)
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

    /// Writes a file of the cluster's directory.
    func write(_ name: String, _ text: String, mode: UInt32) throws {
        try Descriptor.open("\(directory)/\(name)", [.write, .create, .exclusive], mode: mode)
            .writeAll(text)
    }

    private func start(_ arguments: [String]) throws {
        let log = try Descriptor.open(
            "\(directory)/\(arguments[0]).out", [.write, .create, .append])
        daemons.append(try Command.spawn(arguments, output: log))
    }

    /// Runs one of Slurm's programs.
    func slurm(_ words: String...) throws -> Command.Result {
        try Command.run(["env", "SLURM_CONF=\(configuration)"] + words)
    }

    /// Runs the built plumbline in the cluster's directory, whose programs in `bin` come first.
    func plumbline(_ words: String...) throws -> BuiltProgram.Outcome {
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
            try slurm("squeue", "--noheader").output.trimmed.isEmpty
        }
        for daemon in daemons.reversed() {
            try? daemon.kill(ChildProcess.terminateSignal)
            _ = try? daemon.wait()
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
