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
        page.add(placebos.paragraph)
        page.add(tail.paragraph)
        addLengths(to: &page)
        page.add(
            TextParagraph(
                "A/A: comparisons of \(placebos.each), which share no block, that found a difference; "
                    + "B vs A: the mean over all of them; r1: how much neighbouring blocks resemble "
                    + "each other; MDE80 of 300 s: the smallest change that 300 s find in 8 of 10 runs, "
                    + "set-up and pauses between slices included; tail: comparisons with "
                    + "shuffled labels.",
                role: .faint))
        return page
    }

    private var table: TextTable {
        var table = TextTable(indent: 2)
        table.addTitles(
            .right("A/A"), .right("B vs A"), .right("blocks"), .right("block SD"), .right("r1"),
            .right("MDE80 of 300 s"), .right("tail"))
        for (cell, placebo) in zip(cells, placebos.cells) {
            table.add(TextParagraph(lead: cell.shortName ?? cell.name))
            table.add(
                .right("\(placebo.improved + placebo.regressed)/\(placebo.comparisons)"),
                .right(placebo.pooled?.text ?? "-"), .right("\(cell.blocks)"),
                percent(cell.blockDeviation),
                .right(cell.autocorrelation.map { Decimal.fixed($0, 2) } ?? "-"),
                percent(cell.detectableIn300), .right("\(cell.shuffledRejections)/\(cell.shuffled)")
            )
        }
        return table
    }

    private func percent(_ value: Double?) -> TextTable.Cell {
        .right(value.map(Change.size) ?? "-")
    }

    private func addLengths(to page: inout TextPage) {
        page.add()
        page.add(TextParagraph(lead: "slice length:", " MDE80 of 60 s of wall time"))
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
            "Calibration: A/A comparisons on this machine\(kernel): \(placebos.sentence)\(bestLength)",
            role: findsTooMuch ? .bad : .plain)
    }

    private var bestLength: String {
        guard let bestSlice else { return "" }
        let isDefault = bestSlice == slice ? ", the default," : ""
        return
            " Slices of \(Decimal.milliseconds(bestSlice))\(isDefault) find the smallest changes."
    }
}

extension CalibrationRecord.Tail {
    fileprivate var paragraph: TextParagraph {
        let state =
            findsTooMany
            ? "OUT OF RANGE: the t-test finds too much in this noise"
            : rejections < fewest ? "few, as heavy-tailed noise makes them" : "in order"
        return TextParagraph(
            "a check of the t's tail, with shuffled labels: \(rejections) of \(comparisons) "
                + "comparisons found a difference (\(fewest) to \(most) in order at 5%); \(state)",
            role: findsTooMany ? .bad : .plain)
    }
}
