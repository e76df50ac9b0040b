// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Reports

/// What `plumbline doctor` prints: the findings, and how many have each state.
package struct DoctorReport: Report {
    private let findings: [Finding]
    private let summary: [String: Int]

    package init(_ findings: [Finding]) {
        self.findings = findings
        summary = Finding.State.allCases.reduce(into: [:]) { counts, state in
            counts[state.rawValue] = findings.count { $0.state == state }
        }
    }

    package var document: JSONObject {
        JSONObject([
            "schema": "plumbline.doctor/1", "tool_version": plumblineVersion, "summary": summary,
            "findings": findings.map(\.document),
        ])
    }

    package var page: TextPage {
        var table = TextTable(indent: 2)
        for group in Topic.Group.allCases {
            let members = findings.filter { $0.topic.group == group }
            guard !members.isEmpty else { continue }
            table.add(TextParagraph(lead: group.rawValue))
            for finding in members { Self.add(finding, to: &table) }
            table.add(TextParagraph())
        }
        var page = TextPage()
        page.add(table)
        let counts = Finding.State.allCases.map { "\(summary[$0.rawValue] ?? 0) \($0.rawValue)" }
        page.add(TextParagraph(counts.joined(separator: ", ")))
        return page
    }

    private static func add(_ finding: Finding, to table: inout TextTable) {
        let state = finding.state
        let role: TextStyle.Role =
            state == .ok ? .good : state == .limited ? .warning : .bad
        table.add(.left(state.rawValue, role), .left(finding.topic.title), .left(finding.fact))
        if let consequence = finding.consequence { table.add("", "", consequence) }
        switch finding.remedy {
        case .command(let command): table.add(.verbatim("$ \(command)", indent: 11))
        case .advice(let advice): table.add("", "", "Fix: \(advice)")
        case nil: break
        }
    }
}
