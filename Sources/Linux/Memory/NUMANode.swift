// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// A memory node of the machine, by its number (`numa(7)`).
public struct NUMANode: Sendable, Hashable {
    /// The node's number, from 0.
    public let number: Int

    /// A node of this number, which need not exist.
    public init(_ number: Int) { self.number = number }

    /// Whether the kernel knows about nodes at all, by `numa_available(3)`.
    public static var isAvailable: Bool { cshims_numa_available() }

    /// One more than the highest node's number; 1 without NUMA.
    public static var count: Int { Int(cshims_numa_nodes()) }

    /// The node that a CPU belongs to, by `numa_node_of_cpu(3)`; 0 without NUMA.
    ///
    /// - Throws: `invalidArgument` for a CPU that does not exist.
    public static func of(cpu: Int) throws(Errno) -> NUMANode {
        NUMANode(Int(try checked(cshims_numa_node_of_cpu(Int32(clamping: cpu)))))
    }

    /// The node's CPUs, from sysfs.
    ///
    /// - Throws: `noSuchFileOrDirectory` when the node does not exist.
    public func cpus() throws(Errno) -> CPUSet {
        let list = try SystemFile.read("/sys/devices/system/node/node\(number)/cpulist")
        return CPUSet(list: list) ?? CPUSet()
    }

    /// The calling thread's memory comes from this node only (`set_mempolicy(2)` `MPOL_BIND`).
    ///
    /// - Throws: `invalidArgument` when there is no such node, `noFunction` without NUMA.
    public func bindMemory() throws(Errno) {
        try Self.setPolicy(CSHIMS_NUMA_BIND, node: number)
    }

    /// The calling thread's memory comes from this node first (`MPOL_PREFERRED`).
    ///
    /// - Throws: `invalidArgument` when there is no such node, `noFunction` without NUMA.
    public func preferMemory() throws(Errno) {
        try Self.setPolicy(CSHIMS_NUMA_PREFER, node: number)
    }

    /// The calling thread's memory comes from all nodes in turn (`MPOL_INTERLEAVE`).
    ///
    /// - Throws: `noFunction` without NUMA.
    public static func interleaveMemory() throws(Errno) {
        try setPolicy(CSHIMS_NUMA_INTERLEAVE, node: -1)
    }

    /// The calling thread's memory comes from the node that it runs on (`MPOL_DEFAULT`).
    ///
    /// - Throws: `noFunction` without NUMA.
    public static func resetMemoryPolicy() throws(Errno) {
        try setPolicy(CSHIMS_NUMA_DEFAULT, node: -1)
    }

    /// Holds the calling thread to this node's CPUs, by `numa_run_on_node(3)`.
    ///
    /// - Throws: `invalidArgument` when there is no such node, `noFunction` without NUMA.
    public func runHere() throws(Errno) {
        try checked(cshims_numa_run_on_node(Int32(clamping: number)))
    }

    /// Lets the calling thread run on every node's CPUs again, by `numa_run_on_node(3)`.
    ///
    /// - Throws: `noFunction` without NUMA.
    public static func runAnywhere() throws(Errno) {
        try checked(cshims_numa_run_on_node(-1))
    }

    private static func setPolicy(_ policy: Int, node: Int) throws(Errno) {
        try checked(cshims_numa_set_memory_policy(Int32(policy), Int32(clamping: node)))
    }
}
