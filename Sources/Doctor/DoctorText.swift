// SPDX-License-Identifier: GPL-3.0-or-later

/// The report for people: 80 columns, commands on lines of their own to be copied.
package struct DoctorText {
    /// Whether states and headings are coloured (SGR sequences of ECMA-48).
    package let hasColour: Bool

    package init(hasColour: Bool) { self.hasColour = hasColour }

    private static let width = 80
    private static let titleWidth = 14
    private static let indent = 2 + 7 + 2 + titleWidth + 1

    /// The whole report, with a line end.
    package func render(_ findings: [Finding]) -> String {
        var lines: [String] = []
        for group in Topic.Group.allCases {
            let members = findings.filter { $0.topic.group == group }
            if members.isEmpty { continue }
            lines.append(styled(group.heading, "1"))
            lines += members.flatMap(self.lines)
            lines.append("")
        }
        let summary = DoctorReport.Summary(findings)
        lines.append("\(summary.ok) ok, \(summary.limited) limited, \(summary.missing) missing")
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(_ finding: Finding) -> [String] {
        let blank = String(repeating: " ", count: Self.indent)
        var lines = Self.wrap(finding.fact).map { blank + $0 }
        let state = padded(finding.state.rawValue, 7)
        lines[0] =
            "  \(styled(state, Self.colour(finding.state)))  "
            + "\(padded(finding.topic.title, Self.titleWidth)) \(lines[0].dropFirst(Self.indent))"
        if let consequence = finding.consequence {
            lines += Self.wrap(consequence).map { blank + $0 }
        }
        switch finding.remedy {
        case .command(let command): lines.append(Self.place(command))
        case .advice(let advice): lines += Self.wrap("Mend: \(advice)").map { blank + $0 }
        case nil: break
        }
        return lines
    }

    /// A command is never broken; one that is too long for its column starts further left.
    private static func place(_ command: String) -> String {
        let line = "$ \(command)"
        let room = max(4, min(indent, width - line.count))
        return String(repeating: " ", count: room) + line
    }

    /// Breaks a text at blanks into lines of the column's width; there is at least one.
    package static func wrap(_ text: String) -> [String] {
        var lines: [String] = [""]
        for word in text.split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + 1 + word.count <= width - indent {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func styled(_ text: String, _ code: String) -> String {
        hasColour ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }

    private static func colour(_ state: Finding.State) -> String {
        switch state {
        case .ok: "32"
        case .limited: "33"
        case .missing: "31"
        }
    }
}
