// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Protocol
import Yams

/// Reads a suite: checks every value against what is declared, and multiplies the lists out.
public struct SuiteParser {
    /// Cells a suite may have.
    public static let cellLimit = 10_000
    /// Slices of all cells together, whose order is drawn before the first one.
    public static let sliceLimit = 1_000_000

    /// The settings of the suite as a whole.
    private struct Keys: SettingGroup {
        let suite = SettingKey<String?>("suite", .text, help: "the suite's name")
        let summary = SettingKey<String>(
            "summary", .text, default: "", help: "one line on what it is for")
        let slice = SettingKey<Int>(
            "slice", .duration, default: 500_000_000, help: "the measured part of a slice")
        let guardTime = SettingKey<Int>(
            "guard", .duration, default: 125_000_000, help: "load before it, not counted")
        let slices = SettingKey<Int>(
            "slices", .count(1...100_000), default: 5, help: "slices a cell")
        let warmup = SettingKey<Int>(
            "warmup", .duration, default: 1_000_000_000, help: "the guard of a cell's first slice")
        let pressureThreshold = SettingKey<Double>(
            "pressure_threshold", .number(0...1e9), default: 100,
            help: "pages scanned by direct reclaim a second, the least that counts as pressure")
        let controls = CellEntry.controls
    }
    private static let keys = Keys()

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

    /// Whether a suite's file says how long its slices are.
    ///
    /// - Throws: `usage` for a file that is no suite.
    public static func statesSlice(_ source: SuiteSource) throws(PlumblineError) -> Bool {
        try SuiteDocument(source).root.contains { $0.key.string == keys.slice.name }
    }

    /// Reads a suite to its end, whatever is wrong with it.
    ///
    /// - Returns: the suite, or its errors: of each key, and of each cell.
    public static func check(_ source: SuiteSource) -> Result<SuiteRecord, SuiteErrors> {
        let errors = SuiteDocument.Errors()
        do throws(PlumblineError) {
            var document = try SuiteDocument(source)
            document.errors = errors
            return .success(
                try SuiteParser(document: document, overrides: Overrides()).suite().suite)
        } catch {
            return .failure(SuiteErrors(all: errors.all.isEmpty ? [error] : errors.all))
        }
    }

    private func suite() throws(PlumblineError) -> (suite: SuiteRecord, merged: Set<String>) {
        let keys = Self.keys
        let declared = keys.settings
        let known = declared.map(\.name) + ["cells"]
        var given: [String: SettingValue] = [:]
        var cells: [CellPlan]?
        var merged: Set<String> = []
        var controlled: [Controlled] = []
        for (key, name, value) in try document.entries(
            of: document.root, known: known, what: "key")
        {
            if name == "cells" {
                let read = try document.attempt { () throws(PlumblineError) in try plans(value) }
                if let read { (cells, merged, controlled) = read }
                continue
            }
            given[name] = try document.attempt { () throws(PlumblineError) in
                try self.value(value, of: declared.first { $0.name == name }!, key: key)
            }
        }
        try document.finish()
        let values = try SettingValues(given, declared: declared, owner: document.place)
        guard let name = values[keys.suite] else {
            throw .usage("\(document.place): it has no name", remedy: "add a line: suite: NAME")
        }
        guard var cells, !cells.isEmpty else {
            throw .usage(
                "\(document.place): it has no cells",
                remedy: "add cells:, a list whose items begin with - workload: NAME")
        }
        // `--set` does not reach controls: their settings are those of the hogs.
        try overrides.refuseUnused(in: document.place, cells: cells)
        if values[keys.controls] { controlled = [(document.place, Set(cells.map(\.name)))] }
        for (place, own) in controlled {
            cells = try cells.withControls(
                of: { own.contains($0.name) }, for: "\(place): controls")
        }
        let slice = overrides.slice ?? values[keys.slice]
        guard slice >= 1_000_000 else {
            throw .usage(
                "\(document.place): a slice of \(Decimal.time(nanoseconds: Double(slice))) is "
                    + "too short to measure", remedy: "take at least 1ms, better 0.5s")
        }
        let slices = overrides.slices ?? values[keys.slices]
        guard slices * cells.count <= Self.sliceLimit else {
            throw .usage(
                "\(document.place): \(cells.count) cells x \(slices) slices are more than "
                    + "\(Self.sliceLimit) slices", remedy: "take fewer slices, or shorten the lists"
            )
        }
        let suite = SuiteRecord(
            name: name, summary: values[keys.summary], slice: slice,
            guardTime: values[keys.guardTime], warmup: values[keys.warmup],
            slices: slices,
            pressureThreshold: values[keys.pressureThreshold], cells: cells.withShortNames)
        return (suite, merged)
    }

    /// The value of one of the suite's own settings.
    private func value(
        _ node: Node, of setting: Setting, key: Node
    ) throws(PlumblineError) -> SettingValue {
        let value: SettingValue
        let raw = try document.scalar(node, setting.name)
        do { value = try setting.parse(raw) } catch { throw error.at(document.position(key)) }
        if setting.name == "suite", value.text.utf8.contains(UInt8(ascii: "/")) {
            throw .usage(
                "\(document.position(node)): the name '\(value.text)' has a /, and the journal's "
                    + "file is named after the suite", remedy: "use - in its place")
        }
        return value
    }

    /// Where controls are asked for, and the names of the cells whose they are.
    private typealias Controlled = (place: String, cells: Set<String>)

    /// The cells; two that the file has different and `--set` made equal are one.
    private func plans(
        _ node: Node
    ) throws(PlumblineError) -> (
        cells: [CellPlan], merged: Set<String>, controlled: [Controlled]
    ) {
        guard let items = node.sequence else {
            throw .usage(
                "\(document.position(node)): cells must be a list",
                remedy: "begin each item with - workload: NAME")
        }
        var plans: [CellPlan] = []
        var names: Set<String> = []
        var merged: Set<String> = []
        var controlled: [Controlled] = []
        for item in items {
            let read = try document.attempt { () throws(PlumblineError) in
                let before = document.errors?.all.count
                let entry = try CellEntry(item, in: document, overrides: overrides)
                // What is multiplied out of a part of the values says nothing.
                guard document.errors?.all.count == before else { return (entry, [CellPlan]()) }
                return (entry, try entry.plans(limit: Self.cellLimit - plans.count))
            }
            guard let (entry, own) = read else { continue }
            if entry.hasControls { controlled.append((entry.position, Set(own.map(\.name)))) }
            for plan in own {
                // A cell's name has every setting that is not at its default.
                if names.insert(plan.name).inserted {
                    plans.append(plan)
                } else if overrides.isEmpty {
                    _ = try document.attempt { () throws(PlumblineError) in
                        throw .usage(
                            "\(document.position(item)): cell '\(plan.name)' is given twice",
                            remedy: "remove one of them, or let a setting differ")
                    }
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
        return (plans, merged, controlled)
    }
}

/// What is wrong with a suite; at least one error.
public struct SuiteErrors: Error, Sendable {
    /// In the order of the file.
    public let all: [PlumblineError]
}
