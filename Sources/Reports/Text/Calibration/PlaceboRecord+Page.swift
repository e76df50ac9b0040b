// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics
import Verdicts

extension PlaceboRecord: Report {
    package var document: PlaceboRecord { self }

    package var page: TextPage {
        var page = TextPage()
        page.add(TextParagraph(lead: "A/A comparisons:", " \(arms) with itself"))
        page.add()
        page.add(table)
        page.add()
        page.add(paragraph)
        page.add(
            TextParagraph(
                "Each comparison has \(each) of its own, and its cell is judged alone, by the real "
                    + "labels. B vs A: the mean over all comparisons, with its interval at 95%.",
                role: .faint))
        if emulated == true { page.add(TextParagraph(JournalHeader.emulation)) }
        return page
    }

    private var table: TextTable {
        let seen = Verdict.Outcome.allCases.filter { outcome in
            outcome.isDifference || cells.contains { ($0.outcomes[outcome.rawValue] ?? 0) > 0 }
        }
        var table = TextTable(indent: 2)
        table.add((seen.map(\.rawValue) + ["B vs A"]).map { .right($0, .faint) })
        for cell in cells {
            let rest = cell.leftOver > 0 ? ", \(Decimal.count(cell.leftOver, unit)) left over" : ""
            table.add(
                TextParagraph(
                    lead: cell.shortName ?? cell.name,
                    ": \(Decimal.count(cell.comparisons, "comparison"))\(rest)"))
            table.add(
                seen.map { .right("\(cell.outcomes[$0.rawValue] ?? 0)") }
                    + [.right(cell.pooled?.text ?? "-")])
        }
        return table
    }

    /// `8 rounds`.
    var each: String { Decimal.count(units, unit) }

    /// The result in one line.
    var paragraph: TextParagraph {
        TextParagraph(
            lead: "A/A comparisons:", " \(sentence)", role: isOutOfOrder ? .bad : .plain)
    }

    /// `1 of 40 found a difference (0 to 5 in order at 5%); 1 improved, 0 regressed; pooled +0.10%
    /// [-0.30, +0.50].`, and what is wrong.
    var sentence: String {
        var text =
            "\(rejections) of \(comparisons) found a difference (\(fewest) to \(most) in order at 5%); "
            + "\(improved) improved, \(regressed) regressed"
        if let pooled { text += "; pooled \(pooled.text)" }
        return ([text + "."] + remarks).joined(separator: " ")
    }

    private var remarks: [String] {
        var remarks: [String] = []
        if findsTooMany {
            remarks.append("OUT OF RANGE: verdicts made like these find differences too often.")
        } else if rejections < fewest {
            remarks.append(
                "Fewer than in order: verdicts made like these find less than they could.")
        }
        if isBiased, let pooled {
            remarks.append(
                "BIASED: B's values are \(pooled.change < 0 ? "lower" : "higher") than A's although "
                    + "both are the same. Do not trust a difference below "
                    + "\(Change.size(pooled.interval.largest)).")
        }
        if comparisons < Self.fewComparisons {
            remarks.append("These are few comparisons: measure for longer to bound the rate.")
        }
        return remarks
    }

    /// Fewer comparisons do not bound a rate of 5 %.
    private static let fewComparisons = 20
}

extension PlaceboRecord.Pooled {
    /// `+0.10% [-0.30, +0.50]`.
    var text: String { "\(Change.signed(change)) \(Change.interval(interval))" }
}

extension Interval {
    /// The end that is farther from zero, without its sign.
    fileprivate var largest: Double { max(abs(lower), abs(upper)) }
}
