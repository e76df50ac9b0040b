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
    /// - Parameter findings: what is found. What was found before an error counts.
    /// - Throws: `failure`, which counts as a fault unless the machine lacks what the probe needs;
    ///   `interrupted`.
    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError)
}

/// What a probe found.
struct ProbeFindings {
    /// What was counted, in the order in which it is shown.
    var counts: [ProbeCount] = []
    /// What the kernel did that it must not, in words; none for a pass.
    var faults: [String] = []
    /// What could not be looked at, and why; nil when all was.
    var missing: String?

    /// Notes a fault unless a condition holds.
    mutating func require(_ condition: Bool, _ fault: @autoclosure () -> String) {
        if !condition { faults.append(fault()) }
    }

    /// Adds a count.
    mutating func count(_ name: String, _ value: Double, unit: String) {
        counts.append(ProbeCount(name, value, unit: unit))
    }

    /// The record of a probe that has ended.
    ///
    /// A fault counts, whatever could not be looked at. A probe that counted nothing looked at
    /// nothing, and does not pass.
    func record(of probe: String, duration: UInt64) -> ProbeRecord {
        var reasons = faults
        if let missing {
            reasons.append(faults.isEmpty ? missing : "not all was checked: \(missing)")
        }
        if reasons.isEmpty, counts.isEmpty { reasons.append("it looked at nothing") }
        let result: ProbeRecord.Result =
            !faults.isEmpty ? .fail : reasons.isEmpty ? .pass : .skip
        return ProbeRecord(
            probe: probe, result: result,
            reason: reasons.isEmpty ? nil : reasons.joined(separator: "; "), counts: counts,
            duration: duration)
    }
}
