// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import Journal

extension CellVerdict {
    /// The tag of a cell with a control whose workers were in direct reclaim, so that its effect is
    /// not taken apart.
    package static let controlReclaims = "control-reclaims"
}

extension [CellVerdict] {
    /// Takes the effects of those cells apart whose controls were measured; an invalid cell says
    /// nothing of another one, and one whose workers reclaim is no control.
    mutating func takeApart(by journal: StoredJournal, level: Double) {
        let stalls = map(\.pooledWorkerStallRate)
        takeApart(level: level, stalls: { stalls[$0] }) { place in
            UnitEffects(
                CellBlocks(
                    journal.blocks(at: place), roundBlocks: journal.header.plan.roundBlocks))
        }
    }

    /// The same by any kind of unit.
    ///
    /// - Parameters:
    ///   - stalls: by the cell's place the workers' direct reclaims a second; nil where unknown.
    ///   - effects: by the cell's place the units' log effects.
    mutating func takeApart(
        level: Double, stalls: (Int) -> Double?, effects: (Int) -> UnitEffects
    ) {
        let places = Dictionary(
            indices.map { (self[$0].plan.name, $0) }, uniquingKeysWith: { first, _ in first })
        for index in indices {
            let controls = self[index].plan.controls
            guard controls.count == 2 else { continue }
            var chain: [(name: EffectParts.Name, place: Int?)] = [
                (.charging, places[controls[0].name]), (.contention, places[controls[1].name]),
                (.reclaim, index),
            ]
            if let plain = self[index].plan.withoutPressure, let place = places[plain.name] {
                chain.insert((.without, place), at: 0)
            } else {
                chain[0].name = .unlimited
            }
            let cells = chain.compactMap { part in part.place.map { (part.name, $0) } }
            guard cells.count == chain.count,
                cells.allSatisfy({ self[$0.1].outcome != .invalid })
            else { continue }
            let rates = controls.compactMap { places[$0.name].flatMap(stalls) }
            if let most = rates.max(), most >= CellVerdict.leastWorkerStalls {
                self[index].tags.append(CellVerdict.controlReclaims)
                self[index].evidence["control_stalls_per_second"] = most
                continue
            }
            self[index].parts = EffectParts(
                cells.map { name, place in (name, self[place].plan.name, effects(place)) },
                stoppedEarly: cells.contains { self[$0.1].tags.contains(CellVerdict.earlyStop) },
                level: level)
        }
    }
}
