// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A format of reports: one file with a type that conforms, and one line in `ReportFormat.all`.
package protocol Renderer: Sendable {
    /// What `--format` calls it.
    static var name: String { get }
    /// Whether it shows verdicts and nothing else.
    static var needsVerdicts: Bool { get }

    /// Whether it shows cells, with verdicts or without, and nothing else.
    static var needsCells: Bool { get }

    /// The whole output, its last line ended.
    ///
    /// - Throws: `usage` for a report that has no such format.
    func render(_ report: some Report, style: TextStyle) throws(PlumblineError) -> String
}

extension Renderer {
    /// As the formats of CI systems.
    package static var needsVerdicts: Bool { true }
    /// Verdicts are those of cells.
    package static var needsCells: Bool { needsVerdicts }
}

/// A format that `--format` names.
public struct ReportFormat: Sendable {
    /// Every format.
    package static let all = [
        ReportFormat(TextRenderer()),
        ReportFormat(JSONRenderer()),
        ReportFormat(HTMLRenderer()),
        gate,
        junit,
        ktap,
        lava,
        tmt,
        ReportFormat(LKMLRenderer()),
        ReportFormat(CSVRenderer()),
        ReportFormat(GoBenchRenderer()),
    ]
    /// For people; the default.
    public static let text = all[0]
    /// One line a cell.
    package static let gate = ReportFormat(GateRenderer())
    /// For Jenkins and GitLab.
    package static let junit = ReportFormat(JUnitRenderer())
    /// For the kernel's test tools.
    package static let ktap = ReportFormat(KTAPRenderer())
    /// For LAVA.
    package static let lava = ReportFormat(LavaRenderer())
    /// For tmt.
    package static let tmt = ReportFormat(TMTRenderer())

    /// What writes it.
    package let renderer: any Renderer
    /// What `--format` calls it.
    package var name: String { type(of: renderer).name }
    /// Whether it shows verdicts and nothing else.
    package var needsVerdicts: Bool { type(of: renderer).needsVerdicts }

    /// Whether it shows cells and nothing else.
    package var needsCells: Bool { type(of: renderer).needsCells }

    private init(_ renderer: any Renderer) { self.renderer = renderer }

    /// The format of this name; nil where there is none.
    package init?(named name: String) {
        guard let format = Self.all.first(where: { $0.name == name }) else { return nil }
        self = format
    }
}

extension ReportFormat {
    /// What is said of a format of verdicts where there are none.
    static func withoutVerdicts(_ name: String) -> PlumblineError {
        .usage(
            "--format \(name) is not supported here: there are no verdicts",
            remedy: "use --format text or json")
    }

    /// What is said of a format of cells where there are none.
    static func withoutCells(_ name: String) -> PlumblineError {
        .usage(
            "--format \(name) is not supported here: there are no cells",
            remedy: "use --format text or json")
    }

    /// Refuses a format of cells before something is measured that has none.
    ///
    /// - Throws: `usage`.
    package func checkWithoutCells() throws(PlumblineError) {
        try checkWithoutVerdicts()
        if needsCells { throw Self.withoutCells(name) }
    }

    /// Refuses a format of verdicts before something is measured that has none.
    ///
    /// - Throws: `usage`.
    package func checkWithoutVerdicts() throws(PlumblineError) {
        if needsVerdicts { throw Self.withoutVerdicts(name) }
    }
}
