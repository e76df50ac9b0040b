// SPDX-License-Identifier: GPL-3.0-or-later

/// `--format text`: for people.
struct TextRenderer: Renderer {
    static let name = "text"
    static let part = ReportPart.page

    func render(_ report: some Report, style: TextStyle) -> String {
        report.page.text(style: style)
    }
}
