// SPDX-License-Identifier: GPL-3.0-or-later

import Statistics
import Verdicts

extension EffectParts {
    /// `made of: no cgroup +20.9%, charging -0.80% [-2.10, +0.50], …`: each a change in percent;
    /// `(a cell stopped early)` at the end where one did.
    var text: String {
        let parts = parts.map { "\($0.name.rawValue) \($0.text)" }
        return "made of: \(parts.joined(separator: ", "))"
            + (stoppedEarly ? " (a cell stopped early)" : "")
    }
}

extension EffectParts.Part {
    /// `-0.80% [-2.10, +0.50]`; without an interval where the steps begin.
    var text: String {
        Change.signed(percent) + (interval.map { " \(Change.interval($0.percent))" } ?? "")
    }
}
