// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// A kernel that was probed.
package struct ProbedKernel: Sendable {
    /// Its name.
    package var label: String
    /// Its machine.
    package var host: Hello
    /// When its first probe began, nanoseconds since 1970.
    package var startedAt: UInt64
    /// What the probes found, in their order.
    package var records: [ProbeRecord]
    /// Why the kernel's other probes did not run; nil when all ran.
    package var loss: PlumblineError?

    /// A kernel that was probed.
    package init(
        label: String, host: Hello, startedAt: UInt64, records: [ProbeRecord] = []
    ) {
        self.label = label
        self.host = host
        self.startedAt = startedAt
        self.records = records
    }

    /// Notes that the kernel broke: the last probe fails, and keeps what else is wrong.
    package mutating func lose(_ error: PlumblineError) {
        loss = error
        guard let last = records.indices.last else { return }
        let earlier = records[last].result == .fail ? records[last].reason : nil
        records[last].result = .fail
        records[last].reason = [earlier, error.message].compactMap { $0 }.joined(separator: "; ")
    }

    /// What a probe found here; nil when it did not run.
    package subscript(probe: String) -> ProbeRecord? { records.first { $0.probe == probe } }
}
