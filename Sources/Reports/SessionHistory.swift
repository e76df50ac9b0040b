// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics

/// Earlier sessions of one kernel, which show how much its sessions differ by themselves.
public struct SessionHistory: Sendable {
    /// One session in short.
    public struct Session: Sendable {
        /// The journal's name, for what is said of it.
        public let name: String
        let header: JournalHeader
        let warnings: [String]
        /// By cell, operations a second or instructions per operation over the slices that count;
        /// cells without any are absent.
        let rates: [String: Double]

        /// Sums up a journal.
        public init(_ journal: JournalDigest, name: String) {
            self.name = name
            header = journal.header
            warnings = journal.warnings
            var rates: [String: Double] = [:]
            for (cell, total) in zip(journal.header.suite.cells, journal.totals) {
                let counts = journal.header.countsInstructions
                let rate = counts ? total.instructionsPerOperation : total.rate
                if let rate, rate > 0 { rates[cell.name] = rate }
            }
            self.rates = rates
        }
    }

    let sessions: [Session]

    /// Checks that there are enough sessions, each of them once.
    ///
    /// - Parameter compared: the two sessions that are to be compared by them.
    /// - Throws: `usage` with fewer than six that measured anything, for a session that stands
    ///   there twice, and where one of the compared holds two arms.
    public init(_ sessions: [Session], besides compared: [Session]) throws(PlumblineError) {
        self.sessions = sessions
        for session in compared where session.header.comparison != nil {
            throw .usage(
                "\(session.name) holds two arms, and needs no history",
                remedy: "leave --history out: two such journals are compared by their blocks")
        }
        var names: [Identity: String] = [:]
        for session in compared + sessions {
            let identity = Identity(
                id: session.header.id, startedAt: session.header.startedAt)
            if let other = names.updateValue(session.name, forKey: identity) {
                throw .usage(
                    other == session.name
                        ? "\(other) is given twice"
                        : "\(other) and \(session.name) are one session",
                    remedy: "a session serves once: as A, as B, or as one of the history")
            }
        }
        let usable = sessions.count { !$0.rates.isEmpty }
        guard usable >= SessionComparison.leastSessions else {
            throw .usage(
                "--history has \(TextLines.number(usable, "session")) that can be used, and "
                    + "\(SessionComparison.leastSessions) are needed",
                remedy: "give more journals of earlier runs of one kernel")
        }
    }

    private struct Identity: Hashable {
        var id: String
        var startedAt: UInt64
    }

    /// Each reason, naming journal and field, why the sessions do not belong to this one.
    func mismatches(with header: JournalHeader) -> [String] {
        var reasons: [String] = []
        for session in sessions {
            guard session.header.comparison == nil else {
                reasons.append("\(session.name) holds two arms")
                continue
            }
            var mismatches = JournalMismatch.all(header, session.header)
            let kernels = (sessions[0].header.host.kernel, session.header.host.kernel)
            if kernels.0 != kernels.1 {
                mismatches.append(
                    JournalMismatch(field: "history's kernel", a: kernels.0, b: kernels.1))
            }
            reasons += mismatches.map {
                "\(session.name): the \($0.field) differs: \($0.a) and \($0.b)"
            }
        }
        return reasons
    }

    /// A cell's rates, one a session that measured it.
    func rates(of cell: String) -> [Double] { sessions.compactMap { $0.rates[cell] } }
}

extension Hello {
    /// Which kernel this is, in words.
    var kernel: String {
        let build = buildID.map { ", build \($0.prefix(12))" } ?? ""
        return "Linux \(kernelRelease) \(kernelVersion)\(build)"
    }
}

extension JournalHeader {
    /// The metric of every cell; nil where each has that of its workload's rate.
    var metric: CellSummary.Metric? { countsInstructions ? .instructions : nil }
}

extension JournalDigest {
    /// Each cell's slices, whatever their arm, in the order of the suite.
    var totals: [ArmTotal] {
        var totals = [ArmTotal](repeating: ArmTotal(), count: header.suite.cells.count)
        for slice in slices {
            totals[slice.cell].count(slice)
            if slice.isValid { totals[slice.cell].add(slice) }
        }
        return totals
    }
}
