// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// Where a worker runs and where its memory comes from.
public struct WorkerPlacement: Sendable, Equatable {
    /// The CPUs it is held to; `nil` for those it may use anyway.
    public var cpus: CPUSet?
    /// The NUMA node its memory comes from, and whose CPUs it is held to when `cpus` says nothing.
    public var node: Int?

    /// A placement; without both it changes nothing.
    public init(cpus: CPUSet? = nil, node: Int? = nil) {
        self.cpus = cpus
        self.node = node
    }

    /// The placement that two settings tell, of kinds `cpus` and `count`; absent ones tell nothing.
    ///
    /// - Parameters:
    ///   - cpus: the name of the setting with CPU numbers.
    ///   - node: the name of the setting with a node's number; `nil` when there is none.
    public init(_ values: SettingValues, cpus: String, node: String? = nil) {
        self.cpus = values.optionalText(cpus).flatMap { CPUSet(list: $0) }
        self.node = node.flatMap { values.optionalInteger($0) }
    }

    /// Places the calling thread, and with it all memory that it touches from now on.
    ///
    /// - Throws: `failure` for a CPU or node that the machine lacks or forbids, with those it has.
    /// - Source: `sched_setaffinity(2)`, `set_mempolicy(2)`.
    public func apply() throws(PlumblineError) {
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
