// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// What can be said of a probe without running it; `Probes` adds the check.
package struct ProbeDescription: Sendable {
    /// What a probe is for.
    package enum Kind: Sendable {
        /// Counts what the kernel does, and tells designs apart.
        case count
        /// Holds the kernel to what it must do.
        case correctness
    }

    /// The word that names it on command lines and in reports.
    package var name: String
    /// What it is for.
    package var kind: Kind
    /// One line for a list.
    package var summary: String
    /// Storage that it uses; a guest carries the programs that make it.
    package var storages: [StorageSpec] = []

    /// Programs that a guest needs for it.
    package var guestPrograms: Set<GuestProgram> {
        storages.reduce(into: []) { $0.formUnion(GuestProgram.of($1)) }
    }
}
