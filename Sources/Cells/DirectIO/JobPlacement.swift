// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Where direct-I/O jobs run and where their buffers come from: fio's `cpus_allowed`,
/// `cpus_allowed_policy`, `numa_cpu_nodes` and `numa_mem_policy`.
package struct JobPlacement: Sendable, Equatable {
    /// fio's `numa_mem_policy`, with one node where fio takes a list of them.
    package enum MemoryPolicy: Sendable, Equatable {
        case `default`
        case bind(Int)
        case prefer(Int)
        case interleave

        init?(_ text: String) {
            let (word, nodes) = Self.parts(text)
            switch (word, nodes?.count) {
            case ("default", nil) where word == text: self = .default
            case ("interleave", nil) where word == text: self = .interleave
            case ("bind", 1): self = .bind(nodes![0])
            case ("prefer", 1): self = .prefer(nodes![0])
            default: return nil
            }
        }

        /// Why a text is none of these.
        static func fault(in text: String) -> String {
            let (word, nodes) = parts(text)
            switch (word, nodes?.count ?? 0) {
            case ("bind", 2...), ("prefer", 2...):
                return "names several nodes, where one is allowed"
            case ("interleave", 1...):
                return "names nodes, where all that are allowed take turns"
            case ("local", 0) where word == text:
                return "is what default does"
            default:
                return "is no policy"
            }
        }

        /// The word, and the nodes behind its colon; `nil` where there is no list of nodes.
        private static func parts(_ text: String) -> (word: String, nodes: [Int]?) {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let nodes = parts.count == 2 ? CPUSet(list: String(parts[1]))?.cpus : nil
            return (String(parts[0]), nodes?.isEmpty == false ? nodes : nil)
        }
    }

    /// fio's `cpus_allowed_policy`.
    package enum CPUPolicy: String, SettingChoice, Sendable { case shared, split }

    package let cpus: CPUSet?
    package let isSplit: Bool
    package let nodes: [Int]
    package let memory: MemoryPolicy

    init(_ values: SettingValues) throws(PlumblineError) {
        let keys = DirectWorkload.keys
        cpus = values[keys.cpusAllowed]
        isSplit = values[keys.cpusPolicy] == .split
        nodes = values[keys.cpuNodes]?.cpus ?? []
        let given = values[keys.memoryPolicy]
        guard let policy = MemoryPolicy(given) else {
            throw values.invalid(
                keys.memoryPolicy, MemoryPolicy.fault(in: given),
                remedy: "choose default, bind:N or prefer:N with one node, or interleave")
        }
        memory = policy
        if cpus != nil, !nodes.isEmpty {
            throw values.invalid(
                keys.cpuNodes, "and cpus_allowed both say where jobs run",
                remedy: "leave one of them out")
        }
        if isSplit, cpus == nil {
            throw values.invalid(
                keys.cpusPolicy, "has no CPUs to split", remedy: "set cpus_allowed")
        }
    }
}
