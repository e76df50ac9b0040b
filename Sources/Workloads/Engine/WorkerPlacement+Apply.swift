// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

extension WorkerPlacement {
    /// Places the calling thread, and with it all memory that it touches from now on.
    ///
    /// - Throws: `failure` for a CPU or node that the machine lacks or forbids, with those it has.
    /// - Source: `sched_setaffinity(2)`, `set_mempolicy(2)`.
    func apply() throws(PlumblineError) {
        if let cpus { try hold(to: cpus) }
        if let node { try bind(to: NUMANode(node)) }
    }

    private func hold(to wanted: CPUSet) throws(PlumblineError) {
        let before = try? CPUSet.allowed()
        do { try wanted.applyToCurrentThread() } catch {
            let reason = error == .invalidArgument ? Self.absent : "\(error)"
            throw Self.refused(wanted, reason: reason, allowed: before)
        }
        // The kernel leaves out what it cannot give, without a word.
        guard let granted = try? CPUSet.allowed(), granted == wanted else {
            throw Self.refused(wanted, reason: Self.absent, allowed: before)
        }
    }

    private func bind(to node: NUMANode) throws(PlumblineError) {
        // Without NUMA the machine is one node.
        if !NUMANode.isAvailable, node.number == 0 { return }
        try Self.require(node)
        do {
            if cpus == nil { try node.runHere() }
            try node.bindMemory()
        } catch {
            throw Self.unusable(node, "\(error)")
        }
    }

    /// Refuses a node that there is not, before libnuma prints a warning of its own.
    static func require(_ node: NUMANode) throws(PlumblineError) {
        guard (0..<NUMANode.count).contains(node.number) else {
            throw unusable(node, "there is none")
        }
    }

    /// What to tell the user about a node.
    static func unusable(_ node: NUMANode, _ reason: String) -> PlumblineError {
        let highest = NUMANode.count - 1
        return .failure(
            "cannot use NUMA node \(node.number): \(reason)",
            remedy: highest == 0
                ? "this machine has node 0 only" : "this machine's nodes go from 0 to \(highest)")
    }

    private static let absent = "some are not there or not allowed"

    private static func refused(
        _ wanted: CPUSet, reason: String, allowed: CPUSet?
    ) -> PlumblineError {
        .failure(
            "cannot run on CPUs \(wanted): \(reason)",
            remedy: allowed.map { "CPUs allowed here: \($0)" } ?? "look at lscpu")
    }
}

extension JobPlacement {
    /// The CPUs that a job is held to; `nil` for all that the process may use.
    func cpus(job: Int) throws(PlumblineError) -> CPUSet? {
        if let cpus {
            guard isSplit else { return cpus }
            let list = cpus.cpus
            return CPUSet([list[job % list.count]])
        }
        guard !nodes.isEmpty else { return nil }
        var all: [Int] = []
        for node in nodes {
            try WorkerPlacement.require(NUMANode(node))
            do { all += try NUMANode(node).cpus().cpus } catch {
                throw WorkerPlacement.unusable(NUMANode(node), "\(error)")
            }
        }
        return CPUSet(all)
    }

    /// Places the calling thread, and with it all memory that it touches from now on.
    func apply(job: Int) throws(PlumblineError) {
        try WorkerPlacement(cpus: try cpus(job: job)).apply()
        switch memory {
        case .bind(let node), .prefer(let node): try WorkerPlacement.require(NUMANode(node))
        case .default, .interleave: break
        }
        do {
            switch memory {
            case .default: break
            case .bind(let node): try NUMANode(node).bindMemory()
            case .prefer(let node): try NUMANode(node).preferMemory()
            case .interleave: try NUMANode.interleaveMemory()
            }
        } catch {
            switch memory {
            case .bind(let node), .prefer(let node):
                throw WorkerPlacement.unusable(NUMANode(node), "\(error)")
            default:
                throw .failure(
                    "cannot set the memory policy \(memory): \(error)",
                    remedy: "leave numa_mem_policy out")
            }
        }
    }
}
