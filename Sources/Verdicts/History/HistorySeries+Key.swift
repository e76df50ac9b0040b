// SPDX-License-Identifier: GPL-3.0-or-later

extension HistorySeries {
    /// What all experiments of a series share.
    package struct Key: Sendable, Hashable {
        /// The cell's full name.
        package var cell: String
        /// The suite's name.
        package var suite: String
        /// `time`, `instructions` or `pmu`.
        package var metric: String
        /// The machine, as `HistoryEntry.Experiment` has it; it says whether there is a guest.
        package var machine: String
        /// What is compared: `against 6.12`, for a toggle `vm.x=1 to vm.x=2`.
        package var compared: String
        /// The baseline's release; of a toggle, whose kernel may be a newer one each night, the
        /// source: `6.12-plumbline`.
        package var kernel: String
        /// What the kernels were set to, `init_on_alloc=1`; nil where the entry does not say it.
        package var settings: String?
        /// The version that measured, where rates are looked at; they change with it.
        package var toolVersion: String?
    }

    /// The part of an arm that decides its series.
    package struct Side: Sendable {
        /// The arm's label.
        package var label: String
        /// uname -r.
        package var kernelRelease: String
        /// As in `HistoryEntry.Arm`.
        package var settings: String?

        /// An arm of these parts.
        package init(label: String, kernelRelease: String, settings: String?) {
            self.label = label
            self.kernelRelease = kernelRelease
            self.settings = settings
        }
    }
}

extension HistorySeries.Key {
    /// The key of a cell.
    ///
    /// - Parameters:
    ///   - name: the cell's full name.
    ///   - experiment: the one that measured it.
    ///   - a: the baseline.
    ///   - b: the candidate.
    package init(
        cell name: String, of experiment: HistoryEntry.Experiment, a: HistorySeries.Side,
        b: HistorySeries.Side
    ) {
        cell = name
        suite = experiment.suite
        metric = experiment.metric
        machine = experiment.machine
        // A knob's two values are one question; a baseline meets one candidate after the other.
        let isToggle = experiment.kind == "toggle"
        compared = isToggle ? "\(a.label) to \(b.label)" : "against \(a.label)"
        kernel =
            isToggle ? KernelSettings.source(ofRelease: b.kernelRelease) : a.kernelRelease
        if let left = a.settings, let right = b.settings {
            settings = left == right ? left : "A \(left.orNone), B \(right.orNone)"
        }
    }

    /// The key of a cell of an entry.
    package init(cell name: String, of entry: HistoryEntry) {
        func side(_ name: String) -> HistorySeries.Side {
            let arm = entry.arm(name)
            return .init(
                label: arm.label, kernelRelease: arm.kernelRelease, settings: arm.settings)
        }
        self.init(cell: name, of: entry.experiment, a: side("A"), b: side("B"))
    }

    /// In the order in which series are told.
    var words: [String] {
        [cell, suite, metric, machine, compared, kernel, settings ?? "", toolVersion ?? ""]
    }
}

extension String {
    fileprivate var orNone: String { isEmpty ? "none" : self }
}
