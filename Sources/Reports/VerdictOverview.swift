// SPDX-License-Identifier: GPL-3.0-or-later

import Verdicts

/// The verdicts of several journals in one table, cell by cell.
public struct VerdictOverview: Sendable {
    /// The journals' verdicts, in the order in which they are told.
    public let reports: [VerdictReport]

    /// The verdicts of these journals.
    public init(_ reports: [VerdictReport]) { self.reports = reports }

    /// That of the worst journal: 5 before 3, 3 before 4.
    public var exitCode: Int32 {
        let codes = reports.map(\.exitCode)
        return [130, 5, 3, 4].first(where: codes.contains) ?? 0
    }
}

extension VerdictOverview: Report {
    package var document: JSONObject {
        JSONObject([
            "schema": "plumbline.reports/1", "reports": reports.map(\.document),
            "exit_code": exitCode,
        ])
    }

    package var page: TextPage {
        var page = TextPage()
        for cell in cells {
            var table = TextTable(indent: 2)
            table.add(TextParagraph(lead: cell))
            for report in reports {
                for verdict in report.cells where verdict.plan.label == cell {
                    table.add(
                        .left("\(report.metricText), \(report.whatDiffers)"),
                        .left(verdict.shortChangeText), .left("n=\(verdict.units)"),
                        .left(verdict.outcome.rawValue, verdict.role))
                    for line in verdict.claim?.lines ?? [] {
                        table.add(.note(line, role: .faint))
                    }
                }
            }
            page.add(table)
        }
        if reports.contains(where: \.isEmulated) {
            page.add()
            page.add(TextParagraph(VerdictReport.emulation))
        }
        return page
    }

    /// The cells' names, each once, in the order in which they come.
    private var cells: [String] {
        var seen: Set<String> = []
        return reports.flatMap(\.cells).map(\.plan.label).filter { seen.insert($0).inserted }
    }
}

extension VerdictReport {
    /// What is said below figures of emulated guests.
    static let emulation =
        "The guests were emulated. The figures hold for the emulator, and do not tell what the "
        + "change would be on hardware."

    /// Whether an arm ran in a guest without KVM.
    var isEmulated: Bool {
        let guests = [header.plan.guest, comparison.arms.a.guest, comparison.arms.b.guest]
        return guests.contains { $0?.accelerator == "tcg" }
    }

    /// What was measured: `emulated instructions` where a guest's clock counted.
    fileprivate var metricText: String {
        let metric = header.metric.rawValue
        return isEmulated && header.countsInstructions ? "emulated \(metric)" : metric
    }

    /// What tells the arms apart, in a few words: `two kernels` or `iomap.dio_cache N to Y`.
    fileprivate var whatDiffers: String {
        guard header.plan.kind != .ab else { return "two kernels" }
        let (a, b) = (comparison.arms.a.label, comparison.arms.b.label)
        if let equals = a.firstIndex(of: "="), comparison.knobs.count == 1,
            b.hasPrefix(a[...equals])
        {
            return "\(a[..<equals]) \(a[equals...].dropFirst()) to \(b[equals...].dropFirst())"
        }
        return "\(a) to \(b)"
    }
}
