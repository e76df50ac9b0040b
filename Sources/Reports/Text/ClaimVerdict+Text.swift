// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal
import Verdicts

extension ClaimVerdict {
    /// A line for each figure; one for all where the set-up was not run.
    var lines: [String] { statements.map { "claimed \($0.figures)\($0.standing)" } }

    /// What was claimed, and how the measurement stands to it: for each figure, or for all where
    /// the set-up was not run.
    var statements: [(figures: String, standing: String)] {
        let setUp = claim.setUp.text.map { " (\($0))" } ?? ""
        guard differs.isEmpty || isOnlyEmulated else {
            let subjects = claim.figures.map(\.text).joined(separator: ", ")
            let list = differs.joined(separator: ", ")
            return [(subjects, "\(setUp): not the claimed set-up: \(list)")]
        }
        let reclaim =
            workerReclaims.map { "; direct reclaim by workers \(Decimal.rate($0))/s" } ?? ""
        return figures.map { ($0.figure.text, "\(setUp): \($0.words)\(reclaim)") }
    }
}

extension ClaimVerdict.FigureVerdict {
    fileprivate var words: String {
        switch direction {
        case .same: return "emulated, no size compared: same direction"
        case .opposite: return "emulated, no size compared: opposite direction"
        case .notShown: return "emulated, no size compared: no direction shown"
        case nil: break
        }
        let word =
            switch standing {
            case .reproduced: "reproduced"
            case .compatible: "compatible"
            case .smaller: "smaller than claimed"
            case .larger: "larger than claimed"
            case .cannotTell: reason.map { "cannot tell: \($0)" } ?? "cannot tell"
            case .notTheSetUp:
                reason.map { "emulated, cannot tell: \($0)" } ?? "not the claimed set-up"
            }
        guard figure.quantity != .requestReclaims, let interval else { return word }
        return "\(word) \(Change.interval(interval))"
    }
}

extension ClaimRecord.Figure {
    /// `+21% to +48%`, `write latency -22% to -5%`.
    package var text: String {
        let short = Change.short(low, signed: true)
        let change = low == high ? short : "\(short) to \(Change.short(high, signed: true))"
        switch quantity {
        case .rate: return change
        case .writeLatency: return "write latency \(change)"
        case .requestReclaims: return "no direct reclaim from the allocation of requests"
        }
    }
}

extension ClaimSetUp {
    /// `aarch64, 16 CPUs`; nil where nothing was published that a machine can lack.
    var text: String? {
        let completes = completion.map { StorageSpec.Completion(rawValue: $0)?.words ?? $0 }
        let parts: [String?] = [
            architecture, cpus.map { Decimal.count($0, "CPU") },
            kernels.map { "Linux \($0.joined(separator: " or "))" },
            pressure == NoPressure.name ? nil : pressureText ?? pressure,
            completes.map { "requests complete \($0)" },
        ]
        let known = parts.compactMap { $0 }
        return known.isEmpty ? nil : known.joined(separator: ", ")
    }
}
