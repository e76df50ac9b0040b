// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials

/// The document that `plumbline doctor --json` writes.
package struct DoctorReport: Encodable {
    /// How many findings have each state.
    package struct Summary: Encodable, Equatable {
        let ok: Int
        let limited: Int
        let missing: Int

        /// Counts the findings.
        init(_ findings: [Finding]) {
            func count(_ state: Finding.State) -> Int { findings.count { $0.state == state } }
            ok = count(.ok)
            limited = count(.limited)
            missing = count(.missing)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case schema, findings, summary
        case toolVersion = "tool_version"
    }

    package let schema = "plumbline.doctor/1"
    package let toolVersion = plumblineVersion
    package let findings: [Finding]
    package let summary: Summary

    /// The document of these findings.
    package init(_ findings: [Finding]) {
        self.findings = findings
        summary = Summary(findings)
    }

    /// The document's text, keys in order, with a line end.
    package func json() throws(PlumblineError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        } catch {
            throw .failure("the findings cannot be written as JSON: \(error)")
        }
    }
}
