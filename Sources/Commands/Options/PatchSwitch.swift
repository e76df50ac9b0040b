// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Kernels

/// What `--switch` names: a patch of ours, and the two values of its switch.
struct PatchSwitch {
    let change: KernelChange
    private let values: String

    /// Reads `PATCH`, which is off against on, or `PATCH=a,b`.
    ///
    /// - Throws: `usage` for a patch that is not ours.
    init(_ text: String) throws(PlumblineError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        do { change = try KernelChange.named(String(parts[0])) } catch {
            throw error.at("--switch")
        }
        values = parts.count > 1 ? String(parts[1]) : Self.offAgainstOn
    }

    private static let offAgainstOn = "N,Y"

    /// Whether it compares the change with its absence.
    var isOffAgainstOn: Bool { values == Self.offAgainstOn }

    /// The same as `--knob` would have it.
    var knob: String { "module:\(change.parameter)=\(values)" }
}
