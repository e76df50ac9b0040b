// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import Statistics

extension [CellVerdict] {
    /// The geometric mean of the changes, percent; nil unless there are several cells, all of one
    /// workload, pressure and metric, none a control, and all decided.
    package var geometricMean: Double? {
        let effects = filter { [.improved, .regressed, .equivalent].contains($0.outcome) }
            .compactMap(\.effect)
        guard let first, count > 1, effects.count == count,
            !first.plan.hasPressure || first.plan.makesMemoryScarce,
            allSatisfy({
                $0.plan.workload == first.plan.workload && $0.metric == first.metric
                    && $0.plan.pressure == first.plan.pressure
                    && $0.plan.pressureSettings == first.plan.pressureSettings
            })
        else { return nil }
        let sum = effects.reduce(0) { $0 + Percent.logRatio(ofChange: $1) }
        return Percent.change(ofLogRatio: sum / Double(count))
    }
}
