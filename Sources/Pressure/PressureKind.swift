// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Machine
import Protocol

/// A description that can be put into practice.
package protocol PressureKind: PressureDescription {
    /// Makes memory scarce; returns once it is. What fails leaves nothing behind.
    ///
    /// - Throws: `usage` for what would leave the machine less than the reserve or the workload
    ///   less than its buffers; `failure` for what the machine lacks or refuses; `interrupted`.
    func start(on host: PressureHost) throws(PlumblineError) -> any RunningPressure

    /// The changes of the machine that `start` would make, in its order; nothing is done.
    ///
    /// - Throws: `failure` when the machine's memory is not known.
    func plannedChanges() throws(PlumblineError) -> [PlannedChange]
}

extension PressureKind {
    /// The changes that starting this many hogs makes.
    func plannedHogs(_ count: Int) -> [PlannedChange] {
        guard count > 0 else { return [] }
        let hogs = count == 1 ? "1 process" : "\(count) processes"
        return [
            PlannedChange(
                "start \(hogs) plumbline-hog with oom_score_adj 1000", undo: .killProcess)
        ]
    }

    /// The change that `Churn.openFile` makes.
    func plannedFile(size: Int, directory: String?) -> PlannedChange {
        PlannedChange(
            "make a file without a name of \(ByteSize(size).approximate) in "
                + DataDirectory.absolute(directory ?? DataDirectory.standard))
    }
}

/// Memory that is scarce, until `stop()`.
package protocol RunningPressure: AnyObject {
    /// The control group that the workload must run in; nil when any will do.
    var workloadGroup: Cgroup? { get }

    /// The CPUs of the hogs and of the workers.
    var placement: HogPlacement { get }

    /// The processes of the hogs.
    var hogs: [Int32] { get }

    /// Has the hogs stand still between slices, with all that they hold: in a guest that waits for
    /// its turn they would take the CPUs of the one that is measured.
    func rest()

    /// Has the hogs go on, and waits until the kernel reclaims directly again.
    ///
    /// While they rested kswapd has made room, which must be used up before anybody else has to
    /// reclaim. A pressure at which it never comes to that is left to the slice's proof.
    ///
    /// - Throws: `failure` when a hog has died, `interrupted`.
    func resume() throws(PlumblineError)

    /// Makes sure that the pressure is still on.
    ///
    /// - Throws: `failure` when a hog has died, and of what.
    func checkAlive() throws(PlumblineError)

    /// Judges a slice by what the kernel counted over it.
    ///
    /// - Parameters:
    ///   - changes: from right before to right after the slice.
    ///   - seconds: the time between the two.
    ///   - threshold: pages scanned by direct reclaim a second, the least that counts.
    func proof(
        over changes: KernelCounters, seconds: Double, threshold: Double
    ) -> PressureRecord

    /// Ends the hogs and puts everything back; doing it twice does no harm.
    ///
    /// - Returns: what could not be put back as it should; it stays in the undoLog.
    @discardableResult
    func stop() -> [String]
}

extension RunningPressure {
    /// None.
    package var hogs: [Int32] { [] }
}

extension PressureDescription {
    /// What makes memory scarce in this way.
    package var kind: any PressureKind {
        guard let kind = self as? any PressureKind else {
            preconditionFailure("pressure \(Self.name) has no hogs")
        }
        return kind
    }
}
