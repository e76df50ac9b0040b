// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Every probe there is, in the order in which they run.
package enum ProbeCatalogue {
    /// All of them. Each has a type of its own in `Probes`.
    package static let all: [ProbeDescription] = [
        ProbeDescription(
            name: "pipe-pages", kind: .count,
            summary: "pages that a write allocates, and those under the pipe's lock"),
        ProbeDescription(
            name: "pipe-failures", kind: .count,
            summary: "pages that a write allocates before it fails"),
        ProbeDescription(
            name: "pipe-blocked", kind: .count,
            summary: "pages that a writer holds while it waits for room"),
        ProbeDescription(
            name: "pipe-idle", kind: .count, summary: "pages that an empty pipe keeps"),
        ProbeDescription(
            name: "pipe-recycling", kind: .count,
            summary: "pages that a write allocates after a read, tee and splice"),
        ProbeDescription(
            name: "pipe-limit", kind: .count,
            summary: "what a write does when its memory cgroup has too little room"),
        ProbeDescription(
            name: "dio-structures", kind: .count,
            summary: "structures that a direct read allocates, by where it completes",
            storages: ProbeStorages.byCompletion),
        ProbeDescription(
            name: "pipe-stream", kind: .correctness,
            summary: "several writers: each byte once, in order; PIPE_BUF is not cut"),
        ProbeDescription(
            name: "pipe-resize", kind: .correctness,
            summary: "the same while the pipe's size changes"),
        ProbeDescription(
            name: "pipe-references", kind: .correctness,
            summary: "pages that tee, splice and vmsplice share are not written to"),
        ProbeDescription(
            name: "pipe-edges", kind: .correctness,
            summary: "packets, bad memory, signals, a reader that goes away"),
        ProbeDescription(
            name: "pipe-wakeups", kind: .correctness, summary: "nobody sleeps for ever"),
        ProbeDescription(
            name: "pipe-leaks", kind: .correctness,
            summary: "each page of a pipe is freed, whatever became of the writes"),
        ProbeDescription(
            name: "pipe-enomem", kind: .correctness,
            summary: "each allocation of a write fails once"),
        ProbeDescription(
            name: "dio-data", kind: .correctness,
            summary: "bytes and lengths of direct reads and writes, at the file's end too",
            storages: ProbeStorages.byCompletion),
        ProbeDescription(
            name: "dio-offline", kind: .correctness,
            summary: "a CPU that goes offline keeps no structures",
            storages: ProbeStorages.byCompletion),
        ProbeDescription(
            name: "dio-enomem", kind: .correctness,
            summary: "each allocation of a direct read fails once",
            storages: ProbeStorages.byCompletion),
        ProbeDescription(
            name: "kernel-log", kind: .correctness,
            summary: "the kernel did not complain, of sleep in atomic context say"),
        ProbeDescription(
            name: "leaks", kind: .correctness,
            summary: "kmemleak finds nothing that the probes before it left"),
    ]

    /// The probe of this name.
    ///
    /// - Throws: `usage` with the known names.
    package static func named(_ name: String) throws(PlumblineError) -> ProbeDescription {
        guard let found = all.first(where: { $0.name == name }) else {
            throw .unknown("probe", name, among: all.map(\.name))
        }
        return found
    }
}
