// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Verdicts

extension CalibrationRecord: Report {
    package var document: CalibrationRecord { self }

    package var page: TextPage {
        var page = TextPage()
        page.add(
            TextParagraph(lead: "calibration:", " A/A comparisons of this machine with itself"))
        var facts = TextTable()
        facts.add(
            "machine",
            "\(Decimal.count(machine.cpus, "CPU")), \(machine.cpuModel ?? "unknown model"), "
                + "Linux \(machine.kernelRelease)")
        facts.add("slices", "\(Decimal.milliseconds(slice)), seed \(seed)")
        page.add(facts)
        page.add()
        page.add(table)
        page.add()
        let rate = Decimal.fixed(100 * falsePositiveRate, 1)
        page.add(
            TextParagraph(
                "\(rejections) of \(comparisons) comparisons found a difference where there is "
                    + "none (\(rate)%); \(expected): \(state)", role: findsTooMuch ? .bad : .plain))
        addLengths(to: &page)
        page.add(
            TextParagraph(
                "found: false positives of the default rule; r1: how much neighbouring blocks "
                    + "resemble each other; MDE80: the smallest change found in 8 of 10 runs, "
                    + "where set-up and the pauses between slices are in the time.",
                role: .faint))
        return page
    }

    private var table: TextTable {
        var table = TextTable(indent: 2)
        table.addTitles(
            .right("MDE80 in 300 s"), .right("blocks"), .right("block SD"), .right("r1"),
            .right("found"))
        for cell in cells {
            table.add(TextParagraph(lead: cell.shortName ?? cell.name))
            table.add(
                percent(cell.detectableIn300), .right("\(cell.blocks)"),
                percent(cell.blockDeviation),
                .right(cell.autocorrelation.map { Decimal.fixed($0, 2) } ?? "-"),
                .right("\(cell.rejections)/\(cell.comparisons)"))
        }
        return table
    }

    private func percent(_ value: Double?) -> TextTable.Cell {
        .right(value.map(Change.size) ?? "-")
    }

    private func addLengths(to page: inout TextPage) {
        guard let lengths else { return }
        page.add()
        page.add(TextParagraph(lead: "slice length:", " MDE80 in 60 s of wall time"))
        page.add(table(of: lengths))
        page.add()
        if let best, let least = best.median {
            var text = "best here: slices of \(Decimal.milliseconds(best.slice))"
            text += best.slice == slice ? ", the default" : ""
            text += " (median \(Change.size(least))"
            if best.slice != slice {
                let usual = lengths.first { $0.slice == slice }?.median.map(Change.size) ?? "-"
                text += "; the default of \(Decimal.milliseconds(slice)): \(usual)"
            }
            page.add(TextParagraph(text + ")"))
        }
        let unknown = lengths.filter { $0.median == nil }.map { Decimal.milliseconds($0.slice) }
        if !unknown.isEmpty {
            page.add(
                TextParagraph(
                    "too few blocks with slices of \(unknown.joined(separator: ", ")): they are not "
                        + "compared; calibrate for longer, with --minutes", role: .warning))
        }
    }

    /// A row for each cell, a column for each length.
    private func table(of lengths: [Length]) -> TextTable {
        var table = TextTable(indent: 2)
        table.add([""] + lengths.map { .right(Decimal.milliseconds($0.slice), .faint) })
        for (place, cell) in cells.enumerated() {
            table.add(TextParagraph(lead: cell.shortName ?? cell.name))
            table.add([""] + lengths.map { percent($0.cells[place].detectable) })
        }
        table.add([.left("median", .faint)] + lengths.map { percent($0.median) })
        table.add(
            [.left("blocks", .faint)]
                + lengths.map { length in
                    let blocks = length.cells.map(\.blocks)
                    return .right("\(blocks.min() ?? 0)-\(blocks.max() ?? 0)")
                })
        table.add(
            [.left("measured", .faint)]
                + lengths.map { percent($0.measuredShare.map { 100 * $0 }) })
        return table
    }

    /// What A/A comparisons showed, in one paragraph of another report; nil for other hardware.
    func line(on host: Hello) -> TextParagraph? {
        let other = Machine(host)
        guard machine.isSameHardware(as: other) else { return nil }
        let kernel = machine == other ? "" : ", on Linux \(machine.kernelRelease)"
        return TextParagraph(
            "Calibration: A/A comparisons on this machine found a difference in \(rejections) of "
                + "\(comparisons) (\(expected))\(kernel)\(isInBand ? "." : ": \(state)")\(bestLength)",
            role: findsTooMuch ? .bad : .plain)
    }

    private var bestLength: String {
        guard let bestSlice else { return "" }
        let isDefault = bestSlice == slice ? ", the default," : ""
        return
            " Slices of \(Decimal.milliseconds(bestSlice))\(isDefault) find the smallest changes."
    }

    private var expected: String { "\(fewest) to \(most) are expected" }

    private var state: String {
        if isInBand { return "in range." }
        return findsTooMuch
            ? "OUT OF RANGE: verdicts on this machine report differences too often."
            : "OUT OF RANGE: verdicts on this machine report differences too seldom, "
                + "as heavy-tailed noise makes them."
    }
}
