// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Yams

/// One item of a suite's `cells`: a workload, its settings and pressures, with lists to multiply.
struct CellEntry {
    private typealias Choices = [(name: String, values: [SettingValue])]

    /// A pressure with its lists not multiplied yet.
    private struct PressureEntry {
        let kind: any PressureDescription.Type
        let choices: Choices
        let position: String
    }

    /// The key of a suite, or of one item, that adds the cells' controls.
    static let controls = SettingKey<Bool>(
        "controls", .flag, default: false, help: "measure the cells' controls too")

    /// The key of one item that names what its cells measure, as others do by other means.
    private static let label = SettingKey<String?>(
        "peer", .text, help: "the label of cells that measure the same by different means")
    /// Characters of a label.
    private static let longestPeer = 64

    /// Whether the cells' controls are measured too.
    let hasControls: Bool
    let position: String
    private let document: SuiteDocument
    private let workload: any WorkloadDescription.Type
    private let peer: String?
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
                "\(position): a cell must be a mapping", remedy: "begin it with - workload: NAME")
        }
        guard let word = mapping["workload"] else {
            throw .usage("\(position): a cell without workload", remedy: "add workload: NAME")
        }
        hasControls = try Self.hasControls(mapping, document)
        peer = try Self.peer(mapping, document)
        let name = try document.scalar(word, "workload").text
        let workload = try Self.at(document.position(word)) { () throws(PlumblineError) in
            try WorkloadCatalogue.named(name)
        }
        self.workload = workload
        let permissions = workload.settings.filter(\.isPermission).map(\.name)
        if let key = mapping.keys.first(where: { permissions.contains($0.scalar?.string ?? "") }) {
            throw .usage(
                "\(document.position(key)): a suite cannot allow writing to a block device",
                remedy: "remove it, and give --allow-destructive on the command line")
        }
        let declared = workload.settings.filter { !$0.isPermission }
        choices = try Self.choices(
            mapping, owner: name, declared: declared,
            besides: ["workload", "pressure", Self.controls.name, Self.label.name], document
        ).replaced(by: overrides.values(of: name, declared: workload.settings))
        pressures = try Self.pressures(
            mapping["pressure"], in: document, overrides: overrides)
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
            let load = try Self.at(position) { () throws(PlumblineError) in
                try WorkloadCatalogue.make(workload.name, settings)
            }
            for pressure in pressures {
                for given in Self.product(pressure.choices) {
                    let cell = try Self.at(pressure.position) { () throws(PlumblineError) in
                        let scarce = try PressureCatalogue.make(pressure.kind.name, given)
                        try scarce.check(beside: load)
                        return CellDescription(load, under: scarce)
                    }
                    var plan = CellPlan(
                        name: cell.name, workload: workload.name, settings: settings,
                        pressure: pressure.kind.name, pressureSettings: given)
                    plan.peer = peer
                    plans.append(plan)
                }
            }
        }
        return plans
    }

    private static func hasControls(
        _ mapping: Node.Mapping, _ document: SuiteDocument
    ) throws(PlumblineError) -> Bool {
        guard let node = mapping[controls.name] else { return false }
        let value = try document.scalar(node, controls.name)
        return try at(document.position(node)) { () throws(PlumblineError) in
            try controls.setting.parse(value) == true
        }
    }

    private static func peer(
        _ mapping: Node.Mapping, _ document: SuiteDocument
    ) throws(PlumblineError) -> String? {
        guard let node = mapping[label.name] else { return nil }
        let text = try document.scalar(node, label.name).text
        guard (1...longestPeer).contains(text.unicodeScalars.count), text.printable == text,
            text.trimmed == text
        else {
            throw .usage(
                "\(document.position(node)): invalid label '\(text.printable)' of peers (allowed: 1 "
                    + "to \(longestPeer) printable characters, without blanks around them)",
                remedy: "choose a word for what the cells measure, as in peer: pipe")
        }
        return text
    }

    /// Names the place in errors of `body`.
    private static func at<Value>(
        _ position: String, _ body: () throws(PlumblineError) -> Value
    ) throws(PlumblineError) -> Value {
        do { return try body() } catch { throw error.at(position) }
    }

    private static func choices(
        _ mapping: Node.Mapping, owner: String, declared: [Setting], besides: [String],
        _ document: SuiteDocument
    ) throws(PlumblineError) -> Choices {
        var choices: Choices = []
        for (key, name, node) in try document.entries(
            of: mapping, known: declared.map(\.name) + besides, what: "setting", owner: owner)
        where !besides.contains(name) {
            let setting = declared.first { $0.name == name }!
            var values: [SettingValue] = []
            for node in try document.alternatives(node, of: setting) {
                let value = try document.attempt { () throws(PlumblineError) in
                    let raw = try document.value(node, of: setting)
                    return try at(document.position(node.mark == nil ? key : node)) {
                        () throws(PlumblineError) in
                        try setting.parse(raw, of: owner)
                    }
                }
                if let value { values.append(value) }
            }
            choices.append((name, values))
        }
        return choices
    }

    private static func pressures(
        _ node: Node?, in document: SuiteDocument, overrides: Overrides
    ) throws(PlumblineError) -> [PressureEntry] {
        guard let node else {
            return [
                try pressure(
                    NoPressure.name, at: nil, settings: nil, in: document, overrides: overrides)
            ]
        }
        var entries: [PressureEntry] = []
        for node in try document.alternatives(node, "pressure") {
            let entry = try document.attempt { () throws(PlumblineError) in
                try pressure(
                    kind(of: node, in: document), at: node, settings: node.mapping, in: document,
                    overrides: overrides)
            }
            if let entry { entries.append(entry) }
        }
        return entries
    }

    private static func kind(
        of node: Node, in document: SuiteDocument
    ) throws(PlumblineError) -> String {
        guard let mapping = node.mapping else { return try document.scalar(node, "pressure").text }
        guard let word = mapping["kind"] else {
            throw .usage(
                "\(document.position(node)): a pressure without kind",
                remedy: "write {kind: NAME, …}")
        }
        return try document.scalar(word, "kind").text
    }

    private static func pressure(
        _ name: String, at node: Node?, settings mapping: Node.Mapping?, in document: SuiteDocument,
        overrides: Overrides
    ) throws(PlumblineError) -> PressureEntry {
        let position = document.position(node)
        let kind = try at(position) { () throws(PlumblineError) in
            try PressureCatalogue.named(name)
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
    fileprivate func replaced(by given: [String: SettingValue]) -> Self {
        var result = self
        for (name, value) in given.sorted(by: { $0.key < $1.key }) {
            if let index = result.firstIndex(where: { $0.name == name }) {
                result[index].values = [value]
            } else {
                result.append((name, [value]))
            }
        }
        return result
    }
}
