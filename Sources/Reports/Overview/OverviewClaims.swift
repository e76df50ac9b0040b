// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Verdicts

/// What was claimed of the cells of a table, each standing once with all cells that have it.
struct OverviewClaims {
    private struct Claim {
        var standing: String
        var figures: [String] = []
        var cells: [String] = []
        var journals: [String] = []
    }

    private var claims: [Claim] = []

    /// Those of a table's entries, in their order.
    init(_ entries: [OverviewEntry]) {
        for entry in entries {
            for (figures, standing) in entry.claim?.statements ?? [] {
                let place = claims.firstIndex { $0.standing == standing } ?? claims.count
                if place == claims.count { claims.append(Claim(standing: standing)) }
                Self.add(figures, to: &claims[place].figures)
                Self.add(entry.names[0], to: &claims[place].cells)
                Self.add(entry.names[1], to: &claims[place].journals)
            }
        }
    }

    private static func add(_ text: String, to list: inout [String]) {
        if !list.contains(text) { list.append(text) }
    }

    /// Adds a line for each standing: `pipe 2w1r (monday): claimed +28%: cannot tell`.
    func add(to page: inout TextPage) {
        guard !claims.isEmpty else { return }
        page.add()
        for claim in claims {
            let figures =
                claim.figures.count == 1 ? claim.figures[0] : "\(claim.figures.count) figures"
            page.add(
                .note(
                    "\(claim.cells.shortList()) (\(claim.journals.shortList())): claimed "
                        + figures
                        + claim.standing))
        }
    }
}

extension [String] {
    /// `a, b, c and 2 more`.
    func shortList(of most: Int = 3) -> String {
        prefix(most).joined(separator: ", ") + (count > most ? " and \(count - most) more" : "")
    }
}
