// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// Where direct-I/O jobs run and where their buffers come from: fio's `cpus_allowed`,
/// `cpus_allowed_policy`, `numa_cpu_nodes` and `numa_mem_policy`.
struct JobPlacement: Sendable, Equatable {
    /// fio's `numa_mem_policy`, with one node where fio takes a list of them.
    enum MemoryPolicy: Sendable, Equatable {
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
                return "names several nodes, where one can be had"
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

    private let cpus: CPUSet?
    private let isSplit: Bool
    private let nodes: [Int]
    private let memory: MemoryPolicy

    init(_ values: SettingValues) throws(PlumblineError) {
        cpus = values.optionalText("cpus_allowed").flatMap { CPUSet(list: $0) }
        isSplit = values.text("cpus_allowed_policy") == "split"
        nodes = values.optionalText("numa_cpu_nodes").flatMap { CPUSet(list: $0) }?.cpus ?? []
        let told = values.text("numa_mem_policy")
        guard let policy = MemoryPolicy(told) else {
            throw values.invalid(
                "numa_mem_policy", MemoryPolicy.fault(in: told),
                remedy: "choose default, bind:N or prefer:N with one node, or interleave")
        }
        memory = policy
        if cpus != nil, !nodes.isEmpty {
            throw values.invalid(
                "numa_cpu_nodes", "and cpus_allowed both say where jobs run",
                remedy: "leave one of them out")
        }
        if isSplit, cpus == nil {
            throw values.invalid(
                "cpus_allowed_policy", "has no CPUs to split", remedy: "set cpus_allowed")
        }
    }

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
