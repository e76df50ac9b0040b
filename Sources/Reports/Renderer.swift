// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A format of reports: one file with a type that conforms, and one line in `ReportFormat.all`.
package protocol Renderer: Sendable {
    /// What `--format` calls it.
    static var name: String { get }

    /// The whole output, its last line ended.
    ///
    /// - Throws: `usage` for a report that has no such format.
    func render(_ report: some Report, style: TextStyle) throws(PlumblineError) -> String
}

/// A format that `--format` names.
public struct ReportFormat: Sendable {
    /// Every format.
    package static let all = [
        ReportFormat(TextRenderer()),
        ReportFormat(JSONRenderer()),
    ]
    /// For people; the default.
    public static let text = all[0]

    /// What writes it.
    package let renderer: any Renderer
    /// What `--format` calls it.
    package var name: String { type(of: renderer).name }

    private init(_ renderer: any Renderer) { self.renderer = renderer }

    /// The format of this name; nil where there is none.
    package init?(named name: String) {
        guard let format = Self.all.first(where: { $0.name == name }) else { return nil }
        self = format
    }
}
