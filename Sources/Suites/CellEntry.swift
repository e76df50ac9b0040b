// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Machine
import Pressure
import Workloads
import Yams

/// One item of a suite's `cells`: a workload, its settings and pressures, with lists to multiply.
struct CellEntry {
    private typealias Choices = [(name: String, values: [SettingValue])]

    /// A pressure with its lists not multiplied yet.
    private struct PressureEntry {
        let kind: any PressureKind.Type
        let choices: Choices
        let position: String
    }

    private let document: SuiteDocument
    private let position: String
    private let workload: any Workload.Type
    private let choices: Choices
    private let pressures: [PressureEntry]

    /// Reads an item and checks its words and values one by one.
    init(
        _ node: Node, in document: SuiteDocument, overrides: Overrides
    ) throws(PlumblineError) {
        self.document = document
        position = document.position(node)
        guard let mapping = node.mapping else {
            throw .usage(
                "\(position): a cell has to be a mapping", remedy: "begin it with - workload: NAME")
        }
        guard let word = mapping["workload"] else {
            throw .usage("\(position): a cell without workload", remedy: "add workload: NAME")
        }
        let name = try document.scalar(word, "workload").text
        guard let workload = WorkloadCatalogue.all.first(where: { $0.name == name }) else {
            throw SettingValues.unknown(
                name, among: WorkloadCatalogue.all.map { $0.name }, in: document.position(word),
                what: "workload")
        }
        self.workload = workload
        if let key = mapping.keys.first(where: { $0.scalar?.string == "allow_destructive" }) {
            throw .usage(
                "\(document.position(key)): a suite cannot allow writing to a block device",
                remedy: "remove it, and give --allow-destructive on the command line")
        }
        let declared = workload.settings.filter { $0.name != "allow_destructive" }
        choices = try Self.choices(
            mapping, owner: name, declared: declared, besides: ["workload", "pressure"], document
        ).replaced(by: overrides.values(of: name, declared: workload.settings))
        pressures = try Self.pressures(mapping["pressure"], document, overrides)
    }

    /// The cells with every list multiplied out, the last setting varying fastest.
    ///
    /// - Throws: `usage` for more cells than the limit, or settings that do not go together.
    func plans(limit: Int) throws(PlumblineError) -> [CellPlan] {
        let count = pressures.reduce(0) { sum, pressure in
            (choices + pressure.choices).reduce(1) { min($0 * $1.values.count, 1 << 30) } + sum
        }
        guard count <= limit else {
            throw .usage(
                "\(position): the suite has more than \(SuiteParser.cellLimit) cells",
                remedy: "shorten the lists, which multiply")
        }
        var plans: [CellPlan] = []
        for settings in Self.product(choices) {
            let values = try at(position) { () throws(PlumblineError) in
                try SettingValues(settings, declared: workload.settings, place: workload.name)
            }
            let load = try at(position) { () throws(PlumblineError) in
                let load = try workload.init(values)
                _ = try load.storage
                return load
            }
            for pressure in pressures {
                for told in Self.product(pressure.choices) {
                    let last = try at(pressure.position) { () throws(PlumblineError) in
                        let values = try SettingValues(
                            told, declared: pressure.kind.settings, place: pressure.kind.name)
                        try Self.checkRoom(for: load, in: values)
                        return try pressure.kind.init(values).cellName
                    }
                    plans.append(
                        CellPlan(
                            name: [workload.name, load.cellName, last].filter { !$0.isEmpty }
                                .joined(separator: "/"),
                            workload: workload.name, settings: settings,
                            pressure: pressure.kind.name, pressureSettings: told))
                }
            }
        }
        return plans
    }

    /// Refuses a limit below the workload's own buffers; what the hogs need beside them is known
    /// to the agent alone.
    private static func checkRoom(
        for load: any Workload, in values: SettingValues
    ) throws(PlumblineError) {
        for name in ["limit", "high"] where values.place == "memcg" {
            guard let room = values.optionalInteger(name), room < load.bufferBytes else { continue }
            throw values.invalid(
                name, "is smaller than the workload's buffers of \(ByteSize(load.bufferBytes))",
                remedy: "raise \(name), or lower the workload's msgsize, iodepth or workers")
        }
    }

    private func at<Value>(
        _ position: String, _ body: () throws(PlumblineError) -> Value
    ) throws(PlumblineError) -> Value {
        do { return try body() } catch {
            throw PlumblineError(error.kind, "\(position): \(error.message)", remedy: error.remedy)
        }
    }

    private static func choices(
        _ mapping: Node.Mapping, owner: String, declared: [Setting], besides: [String],
        _ document: SuiteDocument
    ) throws(PlumblineError) -> Choices {
        var choices: Choices = []
        for (key, name, node) in try document.entries(
            of: mapping, known: declared.map(\.name) + besides, what: "\(owner) setting")
        where !besides.contains(name) {
            let setting = declared.first { $0.name == name }!
            var values: [SettingValue] = []
            for node in try document.alternatives(node, name) {
                values.append(
                    try setting.parse(
                        document.scalar(node, name),
                        in: "\(document.position(node.mark == nil ? key : node)): \(owner)"))
            }
            choices.append((name, values))
        }
        return choices
    }

    private static func pressures(
        _ node: Node?, _ document: SuiteDocument, _ overrides: Overrides
    ) throws(PlumblineError) -> [PressureEntry] {
        guard let node else { return [try pressure("none", nil, nil, document, overrides)] }
        var entries: [PressureEntry] = []
        for node in try document.alternatives(node, "pressure") {
            if let mapping = node.mapping {
                guard let word = mapping["kind"] else {
                    throw .usage(
                        "\(document.position(node)): a pressure without kind",
                        remedy: "write {kind: NAME, …}")
                }
                let name = try document.scalar(word, "kind").text
                entries.append(try pressure(name, node, mapping, document, overrides))
            } else {
                let name = try document.scalar(node, "pressure").text
                entries.append(try pressure(name, node, nil, document, overrides))
            }
        }
        return entries
    }

    private static func pressure(
        _ name: String, _ node: Node?, _ mapping: Node.Mapping?, _ document: SuiteDocument,
        _ overrides: Overrides
    ) throws(PlumblineError) -> PressureEntry {
        let position = document.position(node)
        guard let kind = PressureCatalogue.all.first(where: { $0.name == name }) else {
            throw SettingValues.unknown(
                name, among: PressureCatalogue.all.map { $0.name }, in: position, what: "pressure")
        }
        var choices: Choices = []
        if let mapping {
            choices = try Self.choices(
                mapping, owner: name, declared: kind.settings, besides: ["kind"], document)
        }
        choices = choices.replaced(by: try overrides.values(of: name, declared: kind.settings))
        return PressureEntry(kind: kind, choices: choices, position: position)
    }

    private static func product(_ choices: Choices) -> [[String: SettingValue]] {
        choices.reduce([[:]]) { sets, choice in
            sets.flatMap { set in
                choice.values.map { set.merging([choice.name: $0]) { $1 } }
            }
        }
    }
}

extension [(name: String, values: [SettingValue])] {
    /// The same with these values in place of a list, or added at the end.
    fileprivate func replaced(by told: [String: SettingValue]) -> Self {
        var result = self
        for (name, value) in told.sorted(by: { $0.key < $1.key }) {
            if let index = result.firstIndex(where: { $0.name == name }) {
                result[index].values = [value]
            } else {
                result.append((name, [value]))
            }
        }
        return result
    }
}
