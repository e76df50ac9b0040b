// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal
import Protocol
import Statistics
import Verdicts

/// `--format lkml`: plain text to paste below a patch, at most 72 columns wide.
struct LKMLRenderer: Renderer {
    static let name = "lkml"
    static let part = ReportPart.verdicts
    /// The columns of a line, as the kernel's guide to posting patches has them.
    static let width = 72

    func render(_ report: some Report, style: TextStyle) throws(PlumblineError) -> String {
        try report.check(for: Self.self)
        let texts = report.verdicts.map { verdicts in
            (verdicts.mail.text(width: Self.width).split(
                separator: "\n", omittingEmptySubsequences: false
            )
            .dropLast().flatMap { FoldedLine.fold(String($0), width: Self.width) }
                + verdicts.commandLines).map { $0 + "\n" }.joined()
        }
        return texts.joined(separator: "\n")
    }
}

extension VerdictReport {
    /// What a mail says of the journal, but for the command line.
    fileprivate var mail: TextPage {
        var page = TextPage()
        page.add(header.title)
        page.add()
        page.add(facts(arms: ["baseline", "patched"]))
        page.add()
        page.add(mailTable)
        page.add()
        addPeers(to: &page)
        addOpen(to: &page)
        addRemarks(to: &page)
        return page
    }

    private var mailTable: TextTable {
        var table = TextTable(indent: 2)
        table.addTitles("", .right("baseline"), "-> patched", "")
        for cell in cells {
            table.add(TextParagraph(lead: cell.plan.label))
            table.add(.note(cell.setUpText))
            let texts = cell.arms.map { cell.text($0) ?? "-" }
            table.add(
                .left(cell.mailMetric), .right(texts[0]),
                .left("-> \(texts[1])"), .left(cell.mailChange))
            addLatencies(of: cell, to: &table)
            if let metric = cell.ownMetricText { table.add(.note(metric)) }
            for line in cell.toldLines { table.add(.note("told: \(line)")) }
            table.add(.note(answer(of: cell)))
            if let spread = cell.spreadText { table.add(.note(spread)) }
            if let stalls = cell.stallText { table.add(.note(stalls)) }
            for line in cell.mechanism?.mailLines ?? [] { table.add(.note(line)) }
            cell.addError(to: &table)
            cell.addVoids(to: &table)
            cell.addTags(to: &table)
        }
        return table
    }

    private func addLatencies(of cell: CellVerdict, to table: inout TextTable) {
        let figures: [(String, Double, KeyPath<LatencyRecord, UInt64>)] = [
            ("p99", 0.99, \.p99), ("p99.9", 0.999, \.p99_9),
        ]
        for (a, b) in zip(cell.arms[0].latencies, cell.arms[1].latencies) {
            for (name, quantile, figure) in figures {
                let times = [a, b].map {
                    Decimal.time(nanoseconds: Double($0.record[keyPath: figure]))
                }
                let change = cell.tails.first { $0.track == a.track && $0.quantile == quantile }
                table.add(
                    .left("\(a.track) \(name)"), .right(times[0]), .left("-> \(times[1])"),
                    .left(change?.mailText ?? ""))
            }
        }
    }

    /// `improved; p<0.001, 8 rounds; no difference larger than 28.0%; MDE80 8.76%`.
    private func answer(of cell: CellVerdict) -> String {
        let units = Decimal.count(cell.units, cell.countsRounds ? "round" : "block")
        let basis = [cell.p.map(Change.p), units].compactMap { $0 }.joined(separator: ", ")
        let word =
            cell.outcome == .equivalent ? "equivalent within ±\(margin)" : cell.outcome.rawValue
        let voids = cell.voidBlocks > 0 ? ["\(Decimal.count(cell.voidBlocks, "block")) void"] : []
        return ([word, basis] + cell.boundsText(isOneOfMany: isMatrix) + voids)
            .joined(separator: "; ")
    }

    /// What was not decided, and what it would need.
    private func addOpen(to page: inout TextPage) {
        let open = cells.filter { [.inconclusive, .imagesDiffer, .invalid].contains($0.outcome) }
        guard !open.isEmpty else {
            page.add(TextParagraph("Every cell is decided."))
            return
        }
        page.add(TextParagraph("Not decided:"))
        for cell in open {
            let change = cell.effect.map { " (\(Change.signed($0)))" } ?? ""
            let need =
                switch cell.outcome {
                case .inconclusive: needed(cell)
                case .imagesDiffer: "other code layouts, or machines that swap kernels"
                default: "a valid measurement"
                }
            page.add(.note("\(cell.plan.label): \(cell.outcome.rawValue)\(change); \(need)"))
        }
    }

    private func addRemarks(to page: inout TextPage) {
        for round in voidRounds { page.add(.note(round.text)) }
        page.add()
        let end = ending.text
        page.add(
            TextParagraph(
                "Change from baseline to patched in parentheses, with its interval; ~: no "
                    + "difference is shown.\(CellMatrix.sentence(cells + leftOut))"
                    + (end.isEmpty ? "" : " The run: \(end.dropFirst(2)).")))
        if hasEarlyStop { page.add(TextParagraph(Self.earlyStop)) }
        if header.isEmulated { page.add(TextParagraph(JournalHeader.emulation)) }
        for warning in warnings { page.add(.note("warning: \(warning)")) }
    }

    /// How to repeat it: the command as it was typed, broken as a shell reads it; none where the
    /// journal does not say.
    fileprivate var commandLines: [String] {
        guard !header.plan.arguments.isEmpty else { return [] }
        let words = ["plumbline"] + header.plan.arguments.map(\.printable)
        return ["", "To repeat (plumbline \(header.toolVersion.printable)):"]
            + FoldedLine.command(words, width: LKMLRenderer.width, indent: 2)
    }
}

extension CellVerdict {
    /// `(+21.9%) [+14.7, +29.5]`.
    fileprivate var mailChange: String {
        guard effect != nil else { return "" }
        guard countedDifference == nil else { return shortChangeText }
        let words = shortChangeText.split(separator: " ", maxSplits: 1)
        return (["(\(words[0]))"] + words.dropFirst().map(String.init)).joined(separator: " ")
    }

    /// The word before the figures.
    fileprivate var mailMetric: String {
        switch metric {
        case .instructions: "work"
        case .own(let own): own.name.cut(to: 12)
        case .bandwidth, .iops: "rate"
        }
    }

    /// `pipe: msgsize=64k readers=1 writers=2; memcg: limit=64m`.
    fileprivate var setUpText: String {
        let cell = try? CellDescription(plan)
        func text(_ name: String, _ given: [String: SettingValue], known: SettingValues?)
            -> String
        {
            let words = given.sorted { $0.key < $1.key }.map { setting in
                "\(setting.key)=\(known?.shortText(of: setting.key) ?? "\(setting.value)")"
            }
            return words.isEmpty ? name : "\(name): \(words.joined(separator: " "))"
        }
        let load = text(plan.workload, plan.settings, known: cell?.workload.values)
        guard plan.hasPressure else { return "\(load); no pressure" }
        return
            "\(load); \(text(plan.pressure, plan.pressureSettings, known: cell?.pressure.values))"
    }
}

extension TailChange {
    fileprivate var mailText: String {
        "(\(showsDifference ? Change.signed(percent) : "~")) \(Change.interval(interval))"
    }
}
