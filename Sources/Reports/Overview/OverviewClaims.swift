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
        var single: [Claim] = []
        for entry in entries {
            let journal = [entry.names[1]]
            for (figures, standing) in entry.claim?.statements ?? [] {
                let place =
                    single.firstIndex { $0.standing == standing && $0.journals == journal }
                    ?? single.count
                if place == single.count {
                    single.append(Claim(standing: standing, journals: journal))
                }
                Self.add(figures, to: &single[place].figures)
                Self.add(entry.names[0], to: &single[place].cells)
            }
        }
        // Journals that say the same of the same cells stand in one line.
        for claim in single {
            let place = claims.firstIndex {
                $0.standing == claim.standing && $0.figures == claim.figures
                    && $0.cells == claim.cells
            }
            if let place {
                claims[place].journals += claim.journals
            } else {
                claims.append(claim)
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
            page.add(
                .note(
                    "\(claim.cells.shortList()) (\(claim.journals.shortList())): claimed "
                        + claim.figures.shortList()
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
