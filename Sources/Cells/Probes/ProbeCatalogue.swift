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
            name: "dio-structures", kind: .count,
            summary: "structures that a direct read allocates, by where it completes",
            storages: (try? ProbeStorages.byCompletion()) ?? []),
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
