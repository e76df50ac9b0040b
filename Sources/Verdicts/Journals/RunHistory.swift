// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics

/// Earlier runs of one kernel, which show how much its runs differ by themselves.
public struct RunHistory: Sendable {
    /// One run in short.
    public struct Run: Sendable {
        /// The journal's name, for what is said of it.
        public let name: String
        let header: JournalHeader
        let warnings: [String]
        /// By cell, operations a second, instructions per operation or a program's own metric over
        /// the slices that count; cells without any are absent.
        let rates: [String: Double]

        /// Sums up a journal.
        public init(_ journal: StoredJournal, name: String) {
            self.name = name
            header = journal.header
            warnings = journal.warnings
            var rates: [String: Double] = [:]
            for (cell, total) in zip(journal.header.suite.cells, journal.totals) {
                let counts = journal.header.countsInstructions
                let rate = counts ? total.instructionsPerOperation : total.value ?? total.rate
                if let rate, rate > 0 { rates[cell.name] = rate }
            }
            self.rates = rates
        }
    }

    let runs: [Run]

    /// Checks that there are enough runs, each of them once.
    ///
    /// - Parameter compared: the two runs that are to be compared by them.
    /// - Throws: `usage` with fewer than six that measured anything, for a run that is given
    ///   twice, and where one of the compared holds two arms.
    public init(_ runs: [Run], besides compared: [Run]) throws(PlumblineError) {
        self.runs = runs
        for run in compared where run.header.comparison != nil {
            throw .usage(
                "\(run.name) holds two arms, and needs no history",
                remedy: "leave --history out: two such journals are compared by their units")
        }
        var names: [String: String] = [:]
        for run in compared + runs {
            let identity = "\(run.header.id) \(run.header.startedAt)"
            if let other = names.updateValue(run.name, forKey: identity) {
                throw .usage(
                    other == run.name
                        ? "\(other) is given twice"
                        : "\(other) and \(run.name) are one run",
                    remedy: "a run serves once: as A, as B, or as one of the history")
            }
        }
        let usable = runs.count { !$0.rates.isEmpty }
        guard usable >= StudentT.leastRuns else {
            throw .usage(
                "--history has \(Decimal.count(usable, "run")) that can be used, and "
                    + "\(StudentT.leastRuns) are needed",
                remedy: "give more journals of earlier runs of one kernel")
        }
    }

    /// Each reason, naming journal and field, why the runs do not belong to this one.
    func mismatches(with header: JournalHeader) -> [String] {
        var reasons: [String] = []
        for run in runs {
            guard run.header.comparison == nil else {
                reasons.append("\(run.name) holds two arms")
                continue
            }
            var mismatches = JournalMismatch.all(header, run.header)
            let kernels = (runs[0].header.host.kernel, run.header.host.kernel)
            if kernels.0 != kernels.1 {
                mismatches.append(
                    JournalMismatch(field: "history's kernel", a: kernels.0, b: kernels.1))
            }
            reasons += mismatches.map {
                "\(run.name): the \($0.field) differs: \($0.a) and \($0.b)"
            }
        }
        return reasons
    }

    /// A cell's rates, one a run that measured it.
    func rates(of cell: String) -> [Double] { runs.compactMap { $0.rates[cell] } }
}

extension Hello {
    /// Which kernel this is, in words.
    package var kernel: String {
        let build = buildID.map { ", build \($0.prefix(12))" } ?? ""
        return "Linux \(kernelRelease) \(kernelVersion)\(build)"
    }
}

extension JournalHeader {
    /// The metric of every cell; nil where each has that of its workload's rate.
    package var cellMetric: CellMetric? { countsInstructions ? .instructions : nil }
}

extension StoredJournal {
    /// Each cell's slices, whatever their arm, in the order of the suite.
    var totals: [ArmTotal] { header.suite.cells.indices.map(total(of:)) }

    /// The slices of the cell at a place in the suite, whatever their arm.
    func total(of place: Int) -> ArmTotal {
        var total = ArmTotal()
        for slice in slices(of: place) {
            total.count(slice)
            if slice.isValid { total.add(slice) }
        }
        return total
    }
}
