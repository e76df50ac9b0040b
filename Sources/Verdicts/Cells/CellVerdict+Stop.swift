// SPDX-License-Identifier: GPL-3.0-or-later

import Statistics

extension CellVerdict {
    /// The tag of an answer that a look gave before all planned units ran.
    package static let earlyStop = "early-stop"

    /// Notes how many units there are, of how many planned ones; where a decision alone ends the
    /// cell, none are planned, and each end is early.
    mutating func noteStop(after units: Int, of rule: ComparisonRule) {
        plannedUnits = rule.plannedUnits
        stoppedEarly = rule.plannedUnits.map { units < $0 } ?? true
    }
}

extension Verdict {
    /// Whether a look decided while more units were to come, which biases the estimate away from
    /// the answer that would not have stopped.
    func isEarlyStop(by rule: ComparisonRule) -> Bool {
        guard rule.verdict.stopping.stopsEarly, isDecided else { return false }
        let units = units.kind == .rounds ? units.values.count : blocks
        return rule.plannedUnits.map { units < $0 } ?? true
    }
}
