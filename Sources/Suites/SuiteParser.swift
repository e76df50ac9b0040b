// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Yams

/// Reads a suite: checks every value against what is declared, and multiplies the lists out.
public struct SuiteParser {
    /// Cells a suite may have.
    public static let cellLimit = 10_000
    /// Slices of all cells together, whose order is drawn before the first one.
    public static let sliceLimit = 1_000_000

    /// The settings of the suite as a whole.
    public static let settings: [Setting] = [
        Setting("suite", .text, default: nil, "the suite's name"),
        Setting("summary", .text, default: "", "one line on what it is for"),
        Setting("slice", .duration, default: 500_000_000, "the measured part of a slice"),
        Setting("guard", .duration, default: 125_000_000, "load before it, not counted"),
        Setting("slices", .count(1...100_000), default: 5, "slices a cell"),
        Setting("warmup", .duration, default: 1_000_000_000, "the guard of a cell's first slice"),
        Setting(
            "pressure_threshold", .number(0...1e9), default: 100,
            "pages scanned by direct reclaim a second, the least that counts as pressure"),
    ]

    private let document: SuiteDocument
    private let overrides: Overrides

    /// Reads a suite, with the overrides of the command line in place.
    ///
    /// - Throws: `usage` with the file, line and column of what is wrong.
    public static func parse(
        _ source: SuiteSource, overrides: Overrides = Overrides()
    ) throws(PlumblineError) -> SuiteRecord {
        try read(source, overrides: overrides).suite
    }

    /// Reads a suite, and gives the cells that the overrides made equal to another one too.
    ///
    /// - Returns: the suite, with each such cell once, and the names of those cells.
    /// - Throws: `usage` with the file, line and column of what is wrong.
    public static func read(
        _ source: SuiteSource, overrides: Overrides = Overrides()
    ) throws(PlumblineError) -> (suite: SuiteRecord, merged: Set<String>) {
        try SuiteParser(document: SuiteDocument(source), overrides: overrides).suite()
    }

    private func suite() throws(PlumblineError) -> (suite: SuiteRecord, merged: Set<String>) {
        let known = Self.settings.map(\.name) + ["cells"]
        var told: [String: SettingValue] = [:]
        var cells: [CellPlan]?
        var merged: Set<String> = []
        for (key, name, value) in try document.entries(
            of: document.root, known: known, what: "key")
        {
            if name == "cells" {
                (cells, merged) = try plans(value)
            } else {
                let setting = Self.settings.first { $0.name == name }!
                told[name] = try setting.parse(
                    document.scalar(value, name), in: document.position(key))
            }
            if name == "suite", let told = told[name]?.text, told.contains("/") {
                throw .usage(
                    "\(document.position(value)): the name '\(told)' has a /, and the journal's "
                        + "file is named after the suite", remedy: "use - in its place")
            }
        }
        let values = try SettingValues(told, declared: Self.settings, place: document.place)
        guard let name = values.optionalText("suite") else {
            throw .usage("\(document.place): it has no name", remedy: "add a line: suite: NAME")
        }
        guard let cells, !cells.isEmpty else {
            throw .usage(
                "\(document.place): it has no cells",
                remedy: "add cells:, a list whose items begin with - workload: NAME")
        }
        try overrides.refuseUnused(in: document.place, cells: cells)
        let slice = overrides.slice ?? values.integer("slice")
        guard slice >= 1_000_000 else {
            throw .usage(
                "\(document.place): a slice of \(Decimal.time(nanoseconds: Double(slice))) is "
                    + "too short to measure", remedy: "take at least 1ms, better 0.5s")
        }
        let slices = overrides.slices ?? values.integer("slices")
        guard slices * cells.count <= Self.sliceLimit else {
            throw .usage(
                "\(document.place): \(cells.count) cells x \(slices) slices are more than "
                    + "\(Self.sliceLimit) slices", remedy: "take fewer slices, or shorten the lists"
            )
        }
        let suite = SuiteRecord(
            name: name, summary: values.text("summary"), slice: slice,
            guardTime: values.integer("guard"), warmup: values.integer("warmup"),
            slices: slices,
            pressureThreshold: values.number("pressure_threshold"), cells: cells)
        return (suite, merged)
    }

    /// The cells; two that the file has different and `--set` made equal are one.
    private func plans(
        _ node: Node
    ) throws(PlumblineError) -> (cells: [CellPlan], merged: Set<String>) {
        guard let items = node.sequence else {
            throw .usage(
                "\(document.position(node)): cells has to be a list",
                remedy: "begin each item with - workload: NAME")
        }
        var plans: [CellPlan] = []
        var names: Set<String> = []
        var merged: Set<String> = []
        for item in items {
            let entry = try CellEntry(item, in: document, overrides: overrides)
            for plan in try entry.plans(limit: Self.cellLimit - plans.count) {
                // A cell's name tells every setting that is not at its default.
                if names.insert(plan.name).inserted {
                    plans.append(plan)
                } else if overrides.isEmpty {
                    throw .usage(
                        "\(document.position(item)): cell '\(plan.name)' stands there twice",
                        remedy: "remove one of them, or let a setting differ")
                } else {
                    merged.insert(plan.name)
                }
            }
        }
        if !merged.isEmpty {
            var bare = overrides
            bare.assignments = []
            _ = try SuiteParser(document: document, overrides: bare).plans(node)
        }
        return (plans, merged)
    }
}
