// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Statistics

extension CellVerdict {
    /// The tag of a cell that too few boots of a kernel measured.
    package static let fewBoots = "too-few-boots"
    /// The tag of a cell for which all boots of a kernel are from one journal: how much sessions
    /// differ is then not in the error.
    package static let oneSession = "one-session"

    /// Judges one cell by the boots of two kernels that were not measured side by side.
    init(
        _ plan: CellPlan, a: KernelBoots, b: KernelBoots, metric: CellMetric?,
        margin: EquivalenceMargin?, alpha: Double
    ) {
        let name = plan.name
        self.init(plan, a: a.total(of: name), b: b.total(of: name), metric: metric)
        let boots = [a, b].map { $0.logRates(of: name) }
        countsRounds = true
        rounds = boots[0].count + boots[1].count
        evidence["a_boots"] = Double(boots[0].count)
        evidence["b_boots"] = Double(boots[1].count)
        let sessions = [a, b].map { $0.sessions(of: name) }
        evidence["a_sessions"] = Double(sessions[0])
        evidence["b_sessions"] = Double(sessions[1])
        checkArms()
        if let failure = a.failure(of: name) ?? b.failure(of: name) {
            error = nil
            invalidate(failure.error, tag: "failed")
        }
        guard outcome != .invalid else { return }
        let least = Verdict.leastUnits
        guard boots.allSatisfy({ $0.count >= least }), let margin,
            let test = try? StudentT.welch(from: boots[0], to: boots[1])
        else {
            invalidate(
                .failure(
                    "A has \(Decimal.count(boots[0].count, "boot")) that count and B has "
                        + "\(boots[1].count); not comparable with fewer than \(least) of each",
                    remedy: "measure at least --rounds \(least) of each kernel"),
                tag: Self.fewBoots)
            return
        }
        describe(test, alpha: alpha)
        decide(test, margin: margin, alpha: alpha)
        if sessions.contains(1) { tags.append(Self.oneSession) }
        let layoutsVary = a.layoutsVary && b.layoutsVary
        alone?.areTwoImages = a.image != b.image && !layoutsVary && self.metric != .instructions
    }
}
