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
    /// Every format, the default first.
    static let all: [any Renderer] = [
        TextRenderer(),
        JSONRenderer(),
    ]

    /// For people; the default.
    public static let text = ReportFormat(renderer: TextRenderer())
    /// For programs.
    public static let json = ReportFormat(renderer: JSONRenderer())
    /// What `--format` takes.
    public static var names: [String] { all.map { type(of: $0).name } }

    /// What writes it.
    package let renderer: any Renderer

    /// What `--format` calls it.
    public var name: String { type(of: renderer).name }

    private init(renderer: any Renderer) { self.renderer = renderer }

    /// The format of this name; nil where there is none.
    public init?(named name: String) {
        guard let renderer = Self.all.first(where: { type(of: $0).name == name }) else {
            return nil
        }
        self.init(renderer: renderer)
    }
}
