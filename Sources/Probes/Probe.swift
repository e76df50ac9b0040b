// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Protocol

/// A named check of the running kernel that takes a second or less and times nothing.
///
/// A new one is one file here, one line in `ProbeList`, and one in `ProbeCatalogue` of `Cells`.
protocol Probe: SendableMetatype {
    /// The name in the catalogue.
    static var name: String { get }

    /// Looks at the kernel; what is changed for it is undone by the end.
    ///
    /// - Throws: `failure`, which counts as a fault unless the machine lacks what the probe needs;
    ///   `interrupted`.
    static func run(on host: ProbeHost) throws(PlumblineError) -> ProbeFindings
}

/// What a probe found.
struct ProbeFindings {
    /// What was counted, in the order in which it is shown.
    var counts: [ProbeCount] = []
    /// What the kernel did that it must not, in words; none for a pass.
    var faults: [String] = []
    /// Why the probe could not run; nil when it did.
    var missing: String?

    /// A probe that this kernel or machine cannot run.
    static func skipped(_ reason: String) -> ProbeFindings { ProbeFindings(missing: reason) }

    /// Notes a fault unless a condition holds.
    mutating func require(_ condition: Bool, _ fault: @autoclosure () -> String) {
        if !condition { faults.append(fault()) }
    }

    /// Adds a count.
    mutating func count(_ name: String, _ value: Double, unit: String) {
        counts.append(ProbeCount(name, value, unit: unit))
    }
}
