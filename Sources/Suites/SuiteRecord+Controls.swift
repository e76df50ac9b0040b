// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Protocol

extension [CellPlan] {
    /// The cells with the controls of those that are chosen, each once: behind the first one that
    /// has them, or where the suite has them itself.
    ///
    /// - Parameter place: what asks for them, for the error.
    /// - Throws: `usage` when no chosen cell has controls.
    func withControls(
        of isChosen: (CellPlan) -> Bool = { _ in true }, for place: String
    ) throws(PlumblineError) -> [CellPlan] {
        var names = Set(map(\.name))
        var plans: [CellPlan] = []
        var isEmpty = true
        for cell in self {
            plans.append(cell)
            guard isChosen(cell) else { continue }
            let controls = cell.controls
            isEmpty = isEmpty && controls.isEmpty
            plans += controls.filter { names.insert($0.name).inserted }
        }
        guard !isEmpty else {
            throw .usage(
                "\(place): no cell has controls",
                remedy: "choose a cell with the pressure \(MemcgPressure.name)")
        }
        return plans
    }
}

extension SuiteRecord {
    /// The suite with the controls of all cells that have some, as `--controls` asks for them.
    ///
    /// - Parameter patterns: as for `selecting`; the controls of a selected cell are selected too.
    /// - Throws: `usage` when there are none, and as `selecting`.
    public func withControls(selecting patterns: [String]) throws(PlumblineError) -> SuiteRecord {
        var whole = self
        whole.cells = try cells.withControls(for: "--controls").withShortNames
        var selected = try whole.selecting(patterns)
        let all = try selected.cells.withControls(for: "--controls").map(\.name)
        selected.cells = whole.cells.filter { all.contains($0.name) }
        return selected
    }
}
