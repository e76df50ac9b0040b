// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Verdicts

/// What cells of journals are filtered and arranged by.
package enum ResultKey: String, Sendable, CaseIterable {
    /// The cell's name.
    case cell
    /// The journal's name.
    case journal
    /// The kernel, or both.
    case kernel
    /// `time`, `instructions` or `pmu`.
    case metric
    /// The kind of memory pressure.
    case pressure
    /// The suite's name.
    case suite
    /// The kind of workload.
    case workload
    /// The verdict's word; a run has none.
    case verdict

    /// Reads a list such as `workload,pressure`; `none` is an empty one.
    ///
    /// - Throws: `usage` for a word that is no key, and for one that comes twice.
    package static func list(_ text: String, option: String) throws(PlumblineError) -> [ResultKey] {
        if text == "none" { return [] }
        var keys: [ResultKey] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            let key = try ResultKey(String(word.trimmed), option: option)
            guard !keys.contains(key) else {
                throw .usage("\(option): \(key.rawValue) is given twice", remedy: "give it once")
            }
            keys.append(key)
        }
        return keys
    }

    init(_ word: String, option: String) throws(PlumblineError) {
        guard let key = ResultKey(rawValue: word) else {
            throw PlumblineError.unknown(
                "key of \(option)", word, among: Self.allCases.map(\.rawValue))
        }
        self = key
    }
}

/// A cell with what its journal says of it, as far as keys ask.
struct ResultFacts {
    /// The journal's name.
    var journal: String
    /// The journal's header.
    var header: JournalHeader
    /// What kernels or arms are called: labels and releases.
    var kernels: [String]
    /// The cell.
    var plan: CellPlan
    /// The verdict's word; nil for a run.
    var verdict: String?

    /// The names that a filter's term may fit; none where there is none.
    func names(_ key: ResultKey) -> [String] {
        switch key {
        case .cell: [plan.name, plan.label]
        case .journal: [journal, header.id]
        case .kernel: kernels
        case .metric: [header.metric.rawValue]
        case .pressure: [plan.pressure]
        case .suite: [header.suite.name]
        case .workload: [plan.workload]
        case .verdict: verdict.map { [$0] } ?? []
        }
    }

    /// What tells cells apart in a table.
    func value(_ key: ResultKey) -> String {
        switch key {
        case .kernel: kernels.first ?? ""
        default: names(key).first ?? "-"
        }
    }
}
