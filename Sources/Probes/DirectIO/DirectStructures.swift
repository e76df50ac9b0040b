// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Protocol
import SystemPackage

/// Counts the structures that direct reads take from an allocator, by where the reads complete: in
/// the submitter, in a softirq, in a hard interrupt; and those that are kept once the load is over.
enum DirectStructures: Probe {
    static let name = "dio-structures"

    /// Batches before counting, and counted.
    private static let (warmups, batches) = (8, 16)
    private static let fileBytes = 4 << 20
    /// How long nothing is read before what is kept is counted again.
    private static let idleSeconds = 3
    /// Structures that the designs keep on two CPUs, and fewer than the reads: a kernel that loses
    /// one a read has more.
    private static let mostKept = 512

    static func run(on host: ProbeHost) throws(PlumblineError) -> ProbeFindings {
        var findings = ProbeFindings()
        try host.eachCompletion { (directory, words) throws(PlumblineError) in
            try count(
                words, in: directory, waits: words == ProbeCountNames.places[0],
                into: &findings, on: host)
        }
        if let objects = sheafObjects {
            findings.count(ProbeCountNames.sheaf, Double(objects), unit: "objects")
        }
        return findings
    }

    /// The size of a sheaf of direct I/O's own slab cache; nil where there is no such cache, and on
    /// kernels without sheaves.
    private static var sheafObjects: Int? {
        let slab = "/sys/kernel/slab"
        let caches = SystemTree.live.list(slab).filter { $0.hasPrefix("iomap_dio") }
        return caches.lazy.compactMap {
            SystemTree.live.readInteger("\(slab)/\($0)/sheaf_capacity")
        }.first
    }

    private static func count(
        _ words: String, in directory: String, waits: Bool,
        into findings: inout ProbeFindings, on host: ProbeHost
    ) throws(PlumblineError) {
        let path = "\(directory)/plumbline-probe"
        let reads = try attempting("cannot make \(path)") { () throws(Errno) in
            try DirectReads.fill(path, bytes: fileBytes)
            return try DirectReads(path, bytes: fileBytes)
        }
        defer { try? SystemFile.unlink(path) }
        try host.tracing { (instance) throws(PlumblineError) in
            let trace = try DirectTrace(instance)
            func read(_ batches: Int) throws(PlumblineError) {
                try attempting("cannot read \(path)") { () throws(Errno) in
                    try reads.read(batches: batches)
                }
            }
            let first = try trace.counting { () throws(PlumblineError) in try read(warmups) }
            var then = DirectTrace.Counts()
            let later = try trace.counting { () throws(PlumblineError) in
                try read(batches)
                then = try trace.countsSoFar()
                guard waits, first.allocated + then.allocated > first.freed + then.freed else {
                    return
                }
                for _ in 0..<10 * idleSeconds {
                    try host.check()
                    try? Clock.sleep(nanoseconds: 100_000_000)
                }
            }
            let all = batches * DirectReads.depth
            let share = Double(then.allocated) / Double(all)
            findings.count(
                ProbeCountNames.structures(completing: words), share, unit: "structures a read")
            if then.cache > 0 {
                findings.count(
                    ProbeCountNames.fromCache(completing: words), Double(then.cache) / Double(all),
                    unit: "structures a read")
            }
            let kept = first.allocated + then.allocated - first.freed - then.freed
            findings.count(
                ProbeCountNames.kept(completing: words), Double(kept), unit: "structures")
            if waits {
                findings.count(
                    ProbeCountNames.keptLater(completing: words),
                    Double(first.allocated + later.allocated - first.freed - later.freed),
                    unit: "structures")
            }
            if let (context, count) = then.completions.max(by: { $0.value < $1.value }) {
                findings.count(
                    "\(words): completions in \(context)", Double(count) / Double(all),
                    unit: "a read")
            }
            findings.require(
                kept <= mostKept,
                "\(words): \(kept) structures were not freed after \(all) reads")
        }
    }
}
