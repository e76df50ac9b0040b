// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics

/// A comparison for people, in the manner of benchstat; 80 columns where names allow it.
struct VerdictText {
    private static let columns = [-2, -19, -19, 0]

    let report: VerdictReport
    let style: TextStyle

    var text: String {
        let cells = report.cells.flatMap(self.cell)
        let lines = heading + [""] + [titles] + cells + mean + [""] + footer
        return lines.map { $0 + "\n" }.joined()
    }

    private var heading: [String] {
        let header = report.header
        let slice = Decimal.time(nanoseconds: Double(header.suite.slice))
        let guardTime = Decimal.time(nanoseconds: Double(header.suite.guardTime))
        return [style.bold("\(header.suite.name): ") + header.suite.summary]
            + machine(header.host) + arm(.a, report.comparison.arms.a)
            + arm(.b, report.comparison.arms.b) + [
                "rule     \(rule)"
            ] + boots + [
                "slices   \(slice), guard \(guardTime), blocks of four in random order, seed "
                    + "\(header.seed)"
            ]
    }

    private func machine(_ host: Hello) -> [String] {
        let model = host.cpuModel.map { ", \($0)" } ?? ""
        let memory = Decimal.fixed(Double(host.memory) / 1_073_741_824, 1)
        let title = report.header.plan.kind == .ab ? "host     " : "kernel   "
        return [
            title + Self.kernel(host), "machine  \(host.cpus) CPUs\(model), \(memory) GiB",
        ]
    }

    private static func kernel(_ host: Hello) -> String {
        "Linux \(host.kernelRelease) \(host.machine)"
            + (host.buildID.map { ", build \($0.prefix(12))" } ?? "")
    }

    /// What an arm is and, where it has a kernel of its own, that kernel and its machine.
    private func arm(_ name: Arm, _ arm: ComparisonRecord.Arm) -> [String] {
        let title = "\(name)        \(arm.label)"
        guard let target = arm.target else { return [title] }
        let kernel = report.ownHost(name).map(Self.kernel) ?? "never came up"
        return [title, "         \(kernel)", "         \(target)"]
    }

    private var boots: [String] {
        if let rounds = report.comparison.rounds {
            return ["boots    \(TextLines.number(rounds, "round")) of both"]
        }
        return report.header.plan.kind == .ab
            ? ["boots    one kernel at a time, each block a pair of boots"] : []
    }

    private var rule: String {
        let comparison = report.comparison
        let blocks = TextLines.number(comparison.blocks, "block")
        let margin = "equivalent within ±\(margin)"
        return switch comparison.rule {
        case .budget: "\(blocks) a cell, \(comparison.looks) looks; \(margin)"
        case .untilDecided: "until decided, \(blocks) a cell expected; \(margin)"
        case .fixed: "\(blocks) a cell, judged at the end; \(margin)"
        case .repeated: "\(blocks) a cell, by how well boots repeat; \(margin)"
        }
    }

    private var titles: String {
        style.faint(TextLines.row(["", "A", "B", "B vs A"], Self.columns))
    }

    private func cell(_ cell: CellReport) -> [String] {
        var lines = [style.bold(cell.plan.name)]
        lines.append(
            TextLines.row(
                ["", rate(cell, cell.arms[0]), rate(cell, cell.arms[1]), change(cell)],
                Self.columns))
        lines += latency(cell) + stalls(cell)
        lines += TextLines.wrapped(verdict(cell)).map { colour(cell.outcome, $0) }
        if let claim = cell.claim { lines += TextLines.wrapped(claim.text) }
        if let error = cell.error {
            lines += TextLines.message("error: \(error.message)").map(style.red)
            if !error.remedy.isEmpty { lines += TextLines.wrapped(error.remedy) }
        }
        return lines + voids(cell) + TagText.notes(cell).flatMap(TextLines.wrapped)
    }

    private func rate(_ cell: CellReport, _ arm: CellReport.Side) -> String {
        guard let rate = cell.text(arm) else { return "-" }
        if cell.metric == .instructions { return rate }
        let variation = arm.total.variation.map { " ± \(Decimal.fixed(100 * $0, 0))%" }
        return rate + (variation ?? "")
    }

    /// `+2.60% [+1.92, +3.28] p=0.000 n=24`; the change is `~` where none was shown.
    private func change(_ cell: CellReport) -> String {
        guard let effect = cell.effect else { return "" }
        let isShown = cell.outcome == .improved || cell.outcome == .regressed
        var parts = [isShown ? Change.signed(effect) : "~"]
        if let interval = cell.interval { parts.append(Change.interval(interval)) }
        if let p = cell.p { parts.append(Change.p(p)) }
        return (parts + ["n=\(cell.blocks)"]).joined(separator: " ")
    }

    private func latency(_ cell: CellReport) -> [String] {
        zip(cell.arms[0].latencies, cell.arms[1].latencies).map { a, b in
            func pair(_ name: String, _ of: (LatencyRecord) -> UInt64) -> String {
                let ends = [of(a.record), of(b.record)].map {
                    Decimal.time(nanoseconds: Double($0))
                }
                return "\(name) \(ends[0]) -> \(ends[1])"
            }
            let figures = [pair("p50", \.p50), pair("p99", \.p99), pair("p99.9", \.p99_9)]
            return style.faint("  \(a.track)  \(figures.joined(separator: "  "))")
        }
    }

    private func verdict(_ cell: CellReport) -> String {
        var parts = [cell.outcome.rawValue]
        if cell.outcome == .equivalent { parts[0] += " within ±\(margin)" }
        if cell.outcome == .improved || cell.outcome == .regressed {
            if cell.standing?.isWithinMargin == true { parts[0] += ", and within ±\(margin)" }
        } else if let effect = cell.effect, cell.outcome != .invalid || cell.standing != nil {
            parts[0] += " (\(Change.signed(effect)))"
        }
        if let p = cell.adjustedP, report.cells.count > 1 {
            parts.append("adjusted \(Change.p(p))")
        }
        if let most = cell.noLargerThan {
            parts.append("no difference larger than \(Change.size(most))")
        }
        if report.comparison.countsInstructions, let spread = cell.evidence["block_sd_percent"] {
            parts.append("block SD \(Change.size(spread))")
        }
        if let least = cell.detectable { parts.append("MDE80 \(Change.size(least))") }
        if cell.outcome == .inconclusive { parts.append(needed(cell)) }
        return parts.joined(separator: "; ")
    }

    private var margin: String { Change.short(100 * report.comparison.equivalence) }

    private func needed(_ cell: CellReport) -> String {
        guard cell.blocks > 0 else { return "nothing measured" }
        if report.comparison.rule == .repeated {
            return "more rounds of boots (--rounds) may decide"
        }
        guard let blocks = cell.blocksNeeded else { return "no amount of data decides this" }
        let suite = report.header.suite
        let seconds = blocks * BlockRecord.length * (suite.slice + suite.guardTime) / 1_000_000_000
        let time = seconds < 120 ? "\(seconds) s" : "\((seconds + 30) / 60) min"
        return "about \(blocks) blocks (\(time)) decide"
    }

    private func colour(_ outcome: Verdict.Outcome, _ line: String) -> String {
        switch outcome {
        case .improved: style.green(line)
        case .regressed, .invalid: style.red(line)
        case .inconclusive: style.yellow(line)
        case .equivalent: line
        }
    }

    private var mean: [String] {
        let effects = report.cells.filter { $0.outcome != .invalid }.compactMap(\.effect)
        guard effects.count > 1 else { return [] }
        let sum = effects.reduce(0) { $0 + Percent.logRatio(ofChange: $1) }
        let percent = Percent.change(ofLogRatio: sum / Double(effects.count))
        return [
            TextLines.row(["", "", "", "\(Change.signed(percent)) geomean"], Self.columns)
        ]
    }

    private var footer: [String] { VerdictFooter(report: report, style: style).lines }
}
