// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import Protocol

extension CellVerdict {
    /// Whether the workers themselves were in direct reclaim, and not only the hogs.
    public enum WorkerPressure: String, Sendable, CaseIterable {
        /// They were, at least `leastWorkerStalls` times a second.
        case pressed
        /// They were more rarely, or never.
        case unpressed = "not pressed"
        /// The kernel of an arm did not count it.
        case unmeasured = "not measured"
    }

    /// The least direct reclaims of the workers a second, over both arms, that are pressure.
    ///
    /// Below one a second reclaim takes a share of the time that no comparison resolves: a stall of
    /// a millisecond is 0.1 % then. Cells under the built-in pressures have some hundred.
    package static let leastWorkerStalls = 1.0

    /// The tag of a cell under pressure whose workers had none.
    package static let workersUnpressured = "workers-unpressured"

    /// The workers' direct reclaims a second, pooled over both arms, because the change may move
    /// them from one to the other; nil where an arm has not counted them.
    package var pooledWorkerStallRate: Double? {
        let seconds = arms.reduce(0) { $0 + $1.total.seconds }
        let counts = arms.compactMap(\.total.workerStalls)
        guard counts.count == arms.count, seconds > 0 else { return nil }
        return counts.reduce(0) { $0 + Double($1) } / seconds
    }

    /// Whether the workers were pressed; nil where they ought not to be: without pressure, and in
    /// a control.
    public var workerPressure: WorkerPressure? {
        guard plan.makesMemoryScarce else { return nil }
        guard let rate = pooledWorkerStallRate else { return .unmeasured }
        return rate < Self.leastWorkerStalls ? .unpressed : .pressed
    }

    /// Whether a cell whose pressure must make the kernel reclaim did without. Pressure that need not,
    /// such as the published command lines of hogs, is the claimed set-up as it is.
    var lacksPressure: Bool {
        workerPressure == .unpressed
            && (try? CellDescription(plan))?.pressure.mustReclaim != false
    }

    /// Says where a cell's own workers were not under the pressure that it names.
    mutating func tagWorkerPressure() {
        if workerPressure == .unpressed { tags.append(Self.workersUnpressured) }
    }
}
