// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Protocol
import SystemPackage

/// Counts the structures that direct reads take from an allocator, by where the reads complete: in
/// the submitter, in a softirq, in a hard interrupt; and those that are kept once the load is over.
///
/// It reads on one CPU, so that the lists of one CPU are counted.
enum DirectStructures: Probe {
    static let name = "dio-structures"

    /// Batches before counting, and counted.
    private static let (warmups, batches) = (8, 16)
    private static let fileBytes = 1 << 20
    /// Structures that may stay after the reads. The published list keeps 256 of a CPU, and 32 are
    /// in flight here; a kernel that loses one a read has 768.
    static let mostKept = 64
    /// How long a kernel has to give back what it keeps, nanoseconds: our pool takes two seconds.
    private static let patience: UInt64 = 3_000_000_000

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        try host.onOneCPU { () throws(PlumblineError) in
            try host.eachCompletion { (directory, words) throws(PlumblineError) in
                try count(words, in: directory, into: &findings, on: host)
            }
        }
        if let objects = sheafObjects {
            findings.count(ProbeCountNames.sheaf, Double(objects), unit: "objects")
        }
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
        _ words: String, in directory: String, into findings: inout ProbeFindings,
        on host: ProbeHost
    ) throws(PlumblineError) {
        let path = "\(directory)/plumbline-probe"
        defer { try? SystemFile.unlink(path) }
        let reads = try DirectReads.make(path, bytes: fileBytes, host)
        // Where most is kept, what becomes of it is shown; elsewhere few may be kept at once.
        let isLast = words == ProbeCountNames.places.last
        try host.tracing { (instance) throws(PlumblineError) in
            let trace = try DirectTrace(instance, host)
            var (start, end) = (DirectTrace.Counts(), DirectTrace.Counts())
            var later = 0
            try trace.recording { () throws(PlumblineError) in
                try reads.read(batches: warmups, path)
                let mark = TraceMark.now()
                try reads.read(batches: batches, path)
                (start, end) = try trace.countsSoFar(from: mark)
                later = try held(after: end.held, few: isLast ? 0 : mostKept, in: trace, host)
            }
            let counted = end - start
            let all = batches * DirectReads.depth
            try trace.require(all, in: counted, completing: words)
            findings.add(counted, kept: end.held, reads: all, words)
            if isLast {
                findings.count(
                    ProbeCountNames.keptLater(completing: words), Double(later),
                    unit: "structures")
            }
            findings.requireFew(later, words)
        }
    }

    /// Waits until no more than so many structures are kept, for a few seconds at most.
    ///
    /// - Parameter held: how many are kept now.
    /// - Returns: how many are kept then.
    private static func held(
        after held: Int, few: Int, in trace: DirectTrace, _ host: ProbeHost
    ) throws(PlumblineError) -> Int {
        let limit = Clock.monotonicNanoseconds() + patience
        var held = held
        while held > few, Clock.monotonicNanoseconds() < limit {
            for _ in 0..<5 {
                try host.check()
                try? Clock.sleep(nanoseconds: 100_000_000)
            }
            held = try trace.countsSoFar().held
        }
        return held
    }
}

extension ProbeFindings {
    /// Adds what was counted of reads.
    fileprivate mutating func add(
        _ counted: DirectTrace.Counts, kept: Int, reads: Int, _ words: String
    ) {
        func each(_ count: Int) -> Double { Double(count) / Double(reads) }
        count(
            ProbeCountNames.structures(completing: words), each(counted.allocated),
            unit: "structures a read")
        if counted.cache > 0 {
            count(
                ProbeCountNames.fromCache(completing: words), each(counted.cache),
                unit: "structures a read")
        }
        count(ProbeCountNames.kept(completing: words), Double(kept), unit: "structures")
    }

    /// Requires that few structures are kept once all reads are done.
    mutating func requireFew(_ held: Int, _ words: String) {
        let most = DirectStructures.mostKept
        require(
            held <= most,
            "\(words): \(held) structures are not freed after the reads (allowed: \(most))")
    }
}
