// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal

extension [CellVerdict] {
    /// The cells that have a label in common, under one pressure; one alone has no peers.
    func peers(by journal: StoredJournal, level: Double) -> [PeerGroup] {
        peers(level: level) { place in
            UnitEffects(
                CellBlocks(
                    journal.blocks(at: place), roundBlocks: journal.header.plan.roundBlocks))
        }
    }

    /// The same by any kind of unit.
    ///
    /// - Parameter effects: by the cell's place the units' log effects.
    func peers(level: Double, effects: (Int) -> UnitEffects) -> [PeerGroup] {
        var groups: [(cell: CellPlan, places: [Int])] = []
        for place in indices {
            let plan = self[place].plan
            guard plan.peer != nil else { continue }
            let group = groups.firstIndex {
                $0.cell.peer == plan.peer && $0.cell.pressure == plan.pressure
                    && $0.cell.pressureSettings == plan.pressureSettings
            }
            if let group {
                groups[group].places.append(place)
            } else {
                groups.append((plan, [place]))
            }
        }
        return groups.filter { $0.places.count > 1 }.map { cell, places in
            PeerGroup(
                cell.peer ?? "", pressure: cell.pressure,
                places.map { place in
                    let verdict = self[place]
                    return PeerGroup.Measured(
                        cell: verdict.plan.name, effects: effects(place), effect: verdict.effect,
                        interval: verdict.interval, isLowerBetter: verdict.metric.isLowerBetter,
                        isInvalid: verdict.outcome == .invalid)
                },
                stoppedEarly: places.contains { self[$0].tags.contains(CellVerdict.earlyStop) },
                level: level)
        }
    }
}
