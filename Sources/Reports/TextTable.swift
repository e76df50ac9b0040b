// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal
import Protocol

/// A run's journal as a table for a terminal, at most 80 columns wide where names allow it.
public struct TextTable {
    private static let empty = (
        word: Validity.Reason.empty.rawValue,
        remedy: "remedy: a longer --slice or a smaller msgsize/bs"
    )
    private static let columns = [-9, 13, 8, 8, 8, 8, 8, 8, 8]

    private let journal: StoredJournal
    private let style: TextStyle

    /// A table of a journal, in colours or without.
    public init(_ journal: StoredJournal, style: TextStyle = .plain) {
        self.journal = journal
        self.style = style
    }

    /// The text, each line ended.
    public var text: String {
        let cells = journal.header.suite.cells.map { CellSummary($0, in: journal) }
        let lines = heading + [""] + [titles] + cells.flatMap(rows) + [""] + footer(cells)
        return lines.map { $0 + "\n" }.joined()
    }

    private var heading: [String] {
        let header = journal.header
        let host = header.host
        let suite = header.suite
        var kernel = "kernel   Linux \(host.kernelRelease) \(host.machine)"
        if let id = host.buildID { kernel += ", build \(id.prefix(12))" }
        let model = host.cpuModel.map { ", \($0)" } ?? ""
        return [
            suite.summary.isEmpty
                ? style.bold(suite.name) : style.bold("\(suite.name): ") + suite.summary,
            kernel,
            "machine  \(host.cpus) CPUs\(model), "
                + "\(Decimal.fixed(Double(host.memory) / 1_073_741_824, 1)) GiB",
            "clock    \(host.clockSource), read as \(host.timer) in "
                + "\(Decimal.time(nanoseconds: host.timerCost)); timing an operation costs "
                + Decimal.time(nanoseconds: host.timingCost),
            "slices   \(suite.slices) of \(Decimal.time(nanoseconds: Double(suite.slice))) a cell, "
                + "guard \(Decimal.time(nanoseconds: Double(suite.guardTime))), seed \(header.seed)",
        ]
    }

    private var titles: String {
        style.faint(row(["", "median", "±", "slices", "mean", "p50", "p99", "p99.9", "max"]))
    }

    private func rows(_ cell: CellSummary) -> [String] {
        let open = cell.tracks.contains { $0.latency?.closedLoop == false }
        var lines = [style.bold(cell.plan.name) + (open ? "  (open loop)" : "")]
        lines += cell.tracks.enumerated().map { row(cell, $1, first: $0 == 0) }
        if let count = cell.instructions {
            let spread = count.halfRange.map { " ± \(Decimal.significant($0 * 100, 2))%" }
            let number = Decimal.fixed(count.median, 1)
            lines.append("  \(instructions)\(number) instr/op\(spread ?? "")")
        }
        if let reclaim = cell.reclaim, cell.plan.hasPressure {
            lines.append("  reclaim  \(Decimal.rate(reclaim.median)) pages/s scanned directly")
        }
        for (reason, count) in cell.voids.sorted(by: { $0.key < $1.key }) {
            let detail = cell.voidDetails[reason].map { ", such as: \($0)" } ?? ""
            let remedy = reason == Self.empty.word ? "; \(Self.empty.remedy)" : ""
            lines += wrapped("void: \(count) x \(reason)\(detail)\(remedy)").map(style.yellow)
        }
        if let failure = cell.failure {
            lines += wrapped("could not run: \(failure.error.message)").map(style.red)
            if !failure.error.remedy.isEmpty { lines += wrapped(failure.error.remedy) }
        } else if cell.valid == 0 {
            lines.append(cell.void > 0 ? "  no slice counts" : "  not measured")
        }
        return lines
    }

    /// Whose instructions are counted: a guest's are all that its CPU executes.
    private var instructions: String {
        journal.header.countsInstructions ? "kernel   " : "guest    "
    }

    private func row(_ cell: CellSummary, _ track: CellSummary.Track, first: Bool) -> String {
        let rate = track.rate.map { spread in
            cell.metric == .iops
                ? "\(Decimal.rate(spread.median)) IOPS"
                : "\(Decimal.significant(spread.median / 1_048_576, 4)) MiB/s"
        }
        let spread = track.rate?.halfRange.map { "± \(Decimal.significant($0 * 100, 2))%" }
        let counts = cell.void > 0 ? "\(cell.valid)/\(cell.valid + cell.void)" : "\(cell.valid)"
        let latency = track.latency.map { all in
            [all.mean] + [all.p50, all.p99, all.p99_9, all.max].map { Double($0) }
        }
        return row(
            ["  \(track.name)", rate ?? "-", spread ?? "", first ? counts : ""]
                + (latency?.map { Decimal.time(nanoseconds: $0) } ?? ["-", "-", "-", "-", "-"]))
    }

    private func footer(_ cells: [CellSummary]) -> [String] {
        let failed = cells.count { $0.failure != nil }
        let voids = journal.slices.count { !$0.validity.isValid }
        var state = "\(TextLines.number(cells.count, "cell")), "
        state += TextLines.number(journal.slices.count, "slice")
        if voids > 0 { state += ", \(voids) void" }
        if failed > 0 { state += ", \(TextLines.number(failed, "cell")) could not run" }
        switch journal.ending?.state {
        case .finished: break
        case .interrupted: state += "; interrupted"
        case .failed: state += "; ended by a failure"
        case nil: state += "; not ended"
        }
        let summaries = [
            state + ".",
            "Rates: median over slices, ± half of their range. Latency: over all slices that",
            "count; closed loop (an operation waits for the one before it) unless a cell says",
            "open loop (counted from the time at which an operation was due).",
        ]
        return summaries + journal.warnings.flatMap { wrapped("warning: \($0)") }
    }

    private func row(_ fields: [String]) -> String { TextLines.row(fields, Self.columns) }

    private func wrapped(_ text: String) -> [String] { TextLines.wrapped(text) }
}
