// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// A kernel that was probed.
package struct ProbedKernel: Sendable {
    /// Its name.
    package var label: String
    /// Its machine.
    package var host: Hello
    /// What the probes found, in their order.
    package var records: [ProbeRecord]
    /// Why the kernel's other probes did not run; nil when all ran.
    package var loss: PlumblineError?

    /// A kernel that was probed.
    package init(
        label: String, host: Hello, records: [ProbeRecord] = []
    ) {
        self.label = label
        self.host = host
        self.records = records
    }

    /// What a probe found here; nil when it did not run.
    package subscript(probe: String) -> ProbeRecord? { records.first { $0.probe == probe } }
}
