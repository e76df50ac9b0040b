// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A format of reports: one file with a type that conforms, and one line in `ReportFormat.all`.
package protocol Renderer: Sendable {
    /// What `--format` calls it.
    static var name: String { get }
    /// What it shows of a report.
    static var part: ReportPart { get }

    /// The whole output, its last line ended.
    ///
    /// - Throws: `usage` for a report that has no such format.
    func render(_ report: some Report, style: TextStyle) throws(PlumblineError) -> String
}

extension Renderer {
    /// As the formats of CI systems.
    package static var part: ReportPart { .suites }
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
    /// What it shows of a report.
    package var part: ReportPart { type(of: renderer).part }

    private init(_ renderer: any Renderer) { self.renderer = renderer }

    /// The format of this name; nil where there is none.
    package init?(named name: String) {
        guard let format = Self.all.first(where: { $0.name == name }) else { return nil }
        self = format
    }
}

extension ReportFormat {
    /// Refuses a format before something is measured that has cells and no verdicts.
    ///
    /// - Throws: `usage`.
    package func checkWithoutVerdicts() throws(PlumblineError) {
        try part.check(in: [.page, .rows, .samples], for: name)
    }

    /// Refuses a format before probes run: harnesses have one, programs that read cells have none.
    ///
    /// - Throws: `usage`.
    package func checkForProbes() throws(PlumblineError) {
        try part.check(in: [.page, .suites], for: name)
    }

    /// Refuses a format before something is measured that has no cells.
    ///
    /// - Throws: `usage`.
    package func checkWithoutCells() throws(PlumblineError) {
        try part.check(in: [.page], for: name)
    }
}
