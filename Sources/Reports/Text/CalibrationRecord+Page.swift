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
        facts.add("slices", "\(Decimal.time(nanoseconds: Double(slice))), seed \(seed)")
        page.add(facts)
        page.add()
        page.add(table)
        page.add()
        let rate = Decimal.fixed(100 * falsePositiveRate, 1)
        page.add(
            TextParagraph(
                "\(rejections) of \(comparisons) comparisons found a difference where there is "
                    + "none (\(rate)%); \(expected): \(state)", role: findsTooMuch ? .bad : .plain))
        page.add(
            TextParagraph(
                "found: false positives of the default rule; r1: how much neighbouring blocks "
                    + "resemble each other; MDE80: the smallest change found in 8 of 10 runs.",
                role: .faint))
        return page
    }

    private var table: TextTable {
        func percent(_ value: Double?) -> TextTable.Cell { .right(value.map(Change.size) ?? "-") }
        var table = TextTable(indent: 2)
        table.addTitles(
            .right("MDE80 in 60 s"), .right("in 300 s"), .right("blocks"), .right("block SD"),
            .right("r1"), .right("found"))
        for cell in cells {
            table.add(TextParagraph(lead: cell.shortName ?? cell.name))
            table.add(
                percent(cell.detectableIn60), percent(cell.detectableIn300),
                .right("\(cell.blocks)"), percent(cell.blockDeviation),
                .right(cell.autocorrelation.map { Decimal.fixed($0, 2) } ?? "-"),
                .right("\(cell.rejections)/\(cell.comparisons)"))
        }
        return table
    }

    /// What A/A comparisons showed, in one paragraph of another report; nil for other hardware.
    func line(on host: Hello) -> TextParagraph? {
        let other = Machine(host)
        guard machine.isSameHardware(as: other) else { return nil }
        let kernel = machine == other ? "" : ", on Linux \(machine.kernelRelease)"
        return TextParagraph(
            "Calibration: A/A comparisons on this machine found a difference in \(rejections) of "
                + "\(comparisons) (\(expected))\(kernel)\(isInBand ? "." : ": \(state)")",
            role: findsTooMuch ? .bad : .plain)
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
