// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics
import Verdicts

extension RoundVoid {
    /// `round 7 does not count, arm B was lost: the guest panicked`, in one line.
    package var text: String {
        let why = error.message.split(separator: "\n").first ?? ""
        return "round \(round + 1) does not count, arm \(arm) was lost: \(why)"
    }
}

extension VerdictReport {
    /// What is said below cells that a look stopped.
    static let earlyStop =
        "An early stop tends to overstate the size of a change; with --no-early-stop there is none."

    /// Whether a look stopped a cell.
    var hasEarlyStop: Bool { cells.contains { $0.tags.contains(CellVerdict.earlyStop) } }

    /// Adds what stands below the cells: peers, the counts, and how to read the figures.
    func addFooter(to page: inout TextPage) {
        addPeers(to: &page)
        page.add(TextParagraph(lead: counts))
        for round in voidRounds { page.add(.note(round.text, role: .bad)) }
        if hasEarlyStop { page.add(TextParagraph(Self.earlyStop)) }
        if let line = calibration?.line(on: header.host) { page.add(line) }
        page.add(TextParagraph(reading, role: .faint))
        if !peers.isEmpty { page.add(TextParagraph(PeerGroup.reading, role: .faint)) }
        if cells.contains(where: { $0.mechanism?.rows.isEmpty == false }) {
            page.add(TextParagraph(MechanismComparison.reading, role: .faint))
        }
        if let tracing { page.add(TextParagraph(tracing.text, role: .faint)) }
        if header.isEmulated { page.add(TextParagraph(JournalHeader.emulation)) }
        for warning in warnings { page.add(.note("warning: \(warning)", role: .warning)) }
    }

    /// `3 cells`; `1 of 3 cells (--filter)` where a filter leaves some out.
    var cellCount: String {
        let all = Decimal.count(cells.count + leftOut.count, "cell")
        return leftOut.isEmpty ? all : "\(cells.count) of \(all) (--filter)"
    }

    private var counts: String {
        let counts = Verdict.Outcome.allCases.filter { count($0) > 0 }.map {
            "\(count($0)) \($0.rawValue)"
        }
        return "\(cellCount): \(counts.joined(separator: ", "))\(ending.text)."
    }

    private var reading: String {
        if comparison.rule == .repeated {
            return "Emulated instructions per operation: the mean of each boot's slices, counted "
                + "by the clock of a guest with one CPU. B vs A: the difference, and its range "
                + "over all pairs of boots; fewer are better. It says nothing of the change in "
                + "rate: instructions cost different times. n: rounds of boots. A difference is a "
                + "gap between the arms that is wider than either arm's own spread. MDE80 is that "
                + "width, at least 0.05%."
        }
        let change =
            header.countsInstructions
            ? "Instructions that the kernel executed for the workers, interrupts included, per "
                + "operation; fewer are better. B vs A: the change in them"
            : "Rates: totals over the slices that count, ± their standard deviation. "
                + "B vs A: the change in rate"
        let isOneBoot = cells.contains { $0.tags.contains(Verdict.Tag.oneBoot.rawValue) }
        let units = header.plan.bootsRounds ? "rounds of boots" : "blocks"
        let tails = cells.contains { !$0.tails.isEmpty }
        let tailUnits = header.plan.bootsRounds ? "rounds" : "batches of blocks"
        return "\(change), its interval at \(confidence), p, and n \(units); ~ where no difference "
            + "is shown. MDE80: the smallest change that as many \(units) find in 8 of 10 runs."
            + (tails
                ? " Of latency: the mean change over \(tailUnits), with intervals that hold "
                    + "for all quantiles of the cell; p50 has none, nor has a quantile beyond "
                    + "which one of the \(tailUnits) has too few latencies." : "")
            + CellMatrix.sentence(cells + leftOut)
            + (isOneBoot ? " One boot: the verdicts hold for this boot only." : "")
    }

    private var confidence: String {
        let levels = cells.compactMap { $0.interval?.confidence }
        guard let least = levels.min(), let most = levels.max() else { return "95%" }
        func percent(_ level: Double) -> String { Decimal.fixed(min(100 * level, 99.9), 1) }
        return percent(least) == percent(most)
            ? "\(percent(least))%"
            : "\(percent(least)) to \(percent(most))% (by the look that decided)"
    }
}
