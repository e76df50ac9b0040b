// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Every probe there is, in the order in which they run.
package enum ProbeCatalogue {
    /// All of them. Each has a type of its own in `Probes`.
    package static let all: [ProbeDescription] = [
        ProbeDescription(
            name: "pipe-pages", kind: .count,
            summary: "pages that a write allocates, and those under the pipe's lock")
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
