// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Verdicts

/// What journals of one table differ in though the table does not show it.
struct JournalDifferences {
    /// One line for each field: its values, each with the journals that have it.
    let lines: [String]

    /// - Parameters:
    ///   - names: the journals' names.
    ///   - shown: what the table shows.
    init(_ results: [JournalResult], names: [String], shown: Set<ResultKey>) {
        guard let first = results.first else {
            lines = []
            return
        }
        var fields: [String] = []
        var values: [String: [(value: String, names: [String])]] = [:]
        for (result, name) in zip(results, names).dropFirst() {
            var found = JournalMismatch.all(first.header, result.header).map {
                (field: $0.field, a: $0.a, b: $0.b)
            }
            if !shown.contains(.kernel), first.kernelText != result.kernelText {
                found.append((field: "kernel", a: first.kernelText, b: result.kernelText))
            }
            if first.layoutText != result.layoutText {
                found.append((field: "layouts", a: first.layoutText, b: result.layoutText))
            }
            for difference in found where !Self.isShown(difference.field, shown) {
                let field = difference.field
                if values[field] == nil {
                    fields.append(field)
                    values[field] = [(difference.a, [names[0]])]
                }
                let place = values[field]?.firstIndex { $0.value == difference.b }
                if let place {
                    values[field]?[place].names.append(name)
                } else {
                    values[field]?.append((difference.b, [name]))
                }
            }
        }
        lines = fields.map { field in
            var found = values[field] ?? []
            let others = found.dropFirst().flatMap(\.names)
            found[0].names = names.filter { !others.contains($0) }
            let list = found.map { "\($0.value) (\($0.names.shortList()))" }
            return "\(field): \(list.joined(separator: ", "))"
        }
    }

    /// Whether a field is in the rows, the columns or the names of the journals.
    private static func isShown(_ field: String, _ shown: Set<ResultKey>) -> Bool {
        switch field {
        case "cells", JournalMismatch.plannedLayouts: true
        case "suite": shown.contains(.suite)
        case "metric", "knobs", "pair of kernels":
            shown.contains(.journal) || shown.contains(field == "metric" ? .metric : .kernel)
        default: false
        }
    }
}

extension JournalResult {
    /// How many layouts each kernel had in the rounds that count.
    fileprivate var layoutText: String {
        guard case .verdicts(let report) = self else { return "1" }
        let (a, b) = (report.layouts(.a), report.layouts(.b))
        guard report.comparison.relinks != nil else { return "1" }
        return a == b ? "\(a)" : "\(a) of A and \(b) of B"
    }

    /// The kernels that were measured.
    fileprivate var kernelText: String {
        guard case .verdicts(let report) = self, header.plan.kind == .ab else {
            return header.host.imageText
        }
        let kernels = Arm.allCases.map { report.host($0).imageText }
        return kernels[0] == kernels[1] ? kernels[0] : kernels.joined(separator: " and ")
    }
}

extension Hello {
    /// `6.1.0, build 0123456789ab`.
    fileprivate var imageText: String {
        kernelRelease + (buildID.map { ", build \($0.prefix(12))" } ?? "")
    }
}
