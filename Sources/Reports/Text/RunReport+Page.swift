// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal
import Protocol
import Verdicts

extension RunReport: Report {
    package var page: TextPage {
        var page = TextPage(title: journal.header.title)
        for part in body.parts { page.add(part) }
        return page
    }

    /// What stands below the suite's name.
    var body: TextPage {
        var page = TextPage(facts, table)
        page.add(TextParagraph(counts))
        page.add(TextParagraph(reading))
        if journal.header.isEmulated { page.add(TextParagraph(JournalHeader.emulation)) }
        for warning in journal.warnings {
            page.add(.note("warning: \(warning)", role: .warning))
        }
        return page
    }

    private var facts: TextTable {
        let header = journal.header
        let host = header.host
        let costs = [host.timerCost, host.timingCost].map { Decimal.time(nanoseconds: $0) }
        var table = TextTable()
        table.add("kernel", host.kernelText)
        table.add("machine", header.machineText)
        table.add(
            "clock",
            "\(host.clockSource), read as \(host.timer) in \(costs[0]); timing an operation takes "
                + costs[1]
        )
        table.add(
            "slices", "\(header.suite.slices) a cell of \(header.sliceText), seed \(header.seed)")
        return table
    }

    private var table: TextTable {
        var table = TextTable(indent: 2)
        table.addTitles(
            "", .right("median"), .right("±"), .right("slices"), .right("mean"), .right("p50"),
            .right("p99"), .right("p99.9"), .right("max"))
        for cell in cells { add(cell, to: &table) }
        return table
    }

    private func add(_ cell: CellSummary, to table: inout TextTable) {
        let isOpen = cell.tracks.contains { $0.latency?.closedLoop == false }
        table.add(TextParagraph(lead: cell.plan.label, isOpen ? " (open loop)" : ""))
        addOwn(cell, to: &table)
        for (place, track) in cell.tracks.enumerated() where cell.metric.own == nil {
            let all = track.latency
            let rest = [all?.p50, all?.p99, all?.p99_9, all?.max].map { $0.map { Double($0) } }
            let latency = ([all?.mean] + rest).map { time in
                time.map { Decimal.time(nanoseconds: $0) } ?? "-"
            }
            let counts = cell.void > 0 ? "\(cell.valid)/\(cell.valid + cell.void)" : "\(cell.valid)"
            table.add(
                .left(track.name), .right(rate(track, cell.metric)), .right(spread(track.rate)),
                .right(place == 0 ? counts : ""), .right(latency[0]), .right(latency[1]),
                .right(latency[2]), .right(latency[3]), .right(latency[4]))
        }
        if let count = cell.instructions {
            // A guest's instructions are all that its CPU executes.
            table.add(
                .left(journal.header.countsInstructions ? "kernel" : "guest"),
                .right("\(Decimal.fixed(count.median, 1)) instr/op"), .right(spread(count)))
        }
        if let reclaim = cell.reclaim, cell.plan.hasPressure {
            table.add(
                "reclaim", .right("\(Decimal.rate(reclaim.median)) pages/s"),
                .right(spread(reclaim)))
        }
        if let depth = cell.inFlight, cell.plan.completesInline(depth.median) {
            table.add(.note("requests complete inline"))
        } else if let depth = cell.inFlight {
            table.add(
                "in flight", .right("\(Decimal.fixed(depth.median, 1)) requests"),
                .right(spread(depth)))
        }
        if cell.sharesCPUs { table.add(.note("note: hogs share the workers' CPUs")) }
        addVoids(of: cell, to: &table)
    }

    /// The metrics of a foreign program, the one that would be judged first.
    private func addOwn(_ cell: CellSummary, to table: inout TextTable) {
        guard let metric = cell.metric.own else { return }
        let counts = cell.void > 0 ? "\(cell.valid)/\(cell.valid + cell.void)" : "\(cell.valid)"
        table.add(
            .left(metric.name), .right(cell.value.map { metric.text($0.median) } ?? "-"),
            .right(spread(cell.value)), .right(counts))
        if let direction = cell.metric.ownText { table.add(.note(direction)) }
        for told in cell.told {
            table.add(
                .left(told.metric.name), .right(told.means[0].map(told.metric.text) ?? "-"))
        }
    }

    private func addVoids(of cell: CellSummary, to table: inout TextTable) {
        for (reason, count) in cell.voids.sorted(by: { $0.key < $1.key }) {
            let detail = cell.voidDetails[reason].map { ", for example: \($0)" } ?? ""
            let fix =
                reason == Validity.Reason.empty.rawValue
                ? "; how to fix: a longer --slice, or a smaller msgsize or bs" : ""
            table.add(.note("void: \(count) x \(reason)\(detail)\(fix)", role: .warning))
        }
        if let failure = cell.failure {
            table.add(.note("could not run: \(failure.error.message)", role: .bad))
            if !failure.error.remedy.isEmpty { table.add(.note(failure.error.remedy)) }
        } else if cell.valid == 0 {
            table.add(.note(cell.void > 0 ? "no slice counts" : "not measured"))
        }
    }

    private func rate(_ track: CellSummary.Track, _ metric: CellMetric) -> String {
        guard let rate = track.rate?.median else { return "-" }
        return metric == .iops
            ? "\(Decimal.rate(rate)) IOPS" : "\(Decimal.significant(rate / 1_048_576, 4)) MiB/s"
    }

    private func spread(_ spread: CellSummary.Spread?) -> String {
        spread?.halfRange.map { "\(Decimal.significant($0 * 100, 2))%" } ?? ""
    }

    private var counts: String {
        let failed = cells.count { $0.failure != nil }
        let voids = cells.reduce(0) { $0 + $1.void }
        let slices = cells.reduce(voids) { $0 + $1.valid }
        var parts = [Decimal.count(cells.count, "cell"), Decimal.count(slices, "slice")]
        if voids > 0 { parts.append("\(voids) void") }
        if failed > 0 { parts.append("\(Decimal.count(failed, "cell")) could not run") }
        return parts.joined(separator: ", ") + (journal.ending?.state).text + "."
    }

    private var reading: String {
        var text = "Rates: the median over the slices, ± half of their range. Latency: over all "
        text += "slices that count; closed loop (an operation waits for the one before it) unless "
        text += "the cell says open loop (latency counts from when the operation was due)."
        if cells.contains(where: { $0.reclaim != nil && $0.plan.hasPressure }) {
            text += " Reclaim: pages scanned in direct reclaim."
        }
        return text
    }
}
