// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Protocol

/// The settings that knobs of the kind `set` give to the cells of a suite.
struct KnobSettings: Sendable {
    private let knobs: [Knob]

    /// Those of all knobs that are settings.
    init(_ knobs: [Knob]) { self.knobs = knobs.filter { $0.kind == .setting } }

    /// The suite with the knobs' settings taken out of its cells, so that a cell has one name in
    /// both arms; cells that differed in them alone become one.
    ///
    /// - Throws: `usage` when a cell does not have a knob's setting, or refuses one of its values.
    func neutral(_ suite: SuiteRecord) throws(PlumblineError) -> SuiteRecord {
        guard !knobs.isEmpty else { return suite }
        var neutral = suite
        neutral.cells = []
        for cell in suite.cells {
            let plain = try without(knobs, cell)
            for arm in Arm.allCases {
                let plan = try setting(plain, arm)
                do { _ = try WorkloadCatalogue.make(plan.workload, plan.settings) } catch {
                    throw error.at("--knob: cell '\(cell.name)'")
                }
            }
            if !neutral.cells.contains(where: { $0.name == plain.name }) {
                neutral.cells.append(plain)
            }
        }
        // A name that lost its knob may be shorter, or that of another cell.
        let isRenamed = neutral.cells.map(\.name) != suite.cells.map(\.name)
        if isRenamed { neutral.cells = neutral.cells.withShortNames }
        return neutral
    }

    /// A cell as it runs on an arm, under its own name.
    ///
    /// - Throws: `usage` for a value that the setting does not take.
    func setting(_ cell: CellPlan, _ arm: Arm) throws(PlumblineError) -> CellPlan {
        var cell = cell
        for knob in knobs {
            let setting = try Self.setting(of: knob, in: cell)
            do {
                cell.settings[setting.name] = try setting.parse(
                    .text(knob.value(arm)), of: cell.workload)
            } catch { throw error.at("--knob set:\(knob.target)") }
        }
        return cell
    }

    private func without(_ knobs: [Knob], _ cell: CellPlan) throws(PlumblineError) -> CellPlan {
        var cell = cell
        for knob in knobs { cell.settings[try Self.setting(of: knob, in: cell).name] = nil }
        // The name leaves the knobs' settings out. Where the rest is invalid alone, it stays.
        if let described = try? CellDescription(cell) { cell.name = described.name }
        return cell
    }

    /// The setting that a knob names, with or without the workload in front.
    private static func setting(of knob: Knob, in cell: CellPlan) throws(PlumblineError) -> Setting
    {
        let type = try WorkloadCatalogue.named(cell.workload)
        let place = "--knob set:\(knob.target)"
        var name = knob.target
        if let dot = name.firstIndex(of: ".") {
            let owner = String(name[..<dot])
            guard WorkloadCatalogue.all.contains(where: { $0.name == owner }) else {
                throw PlumblineError.unknown(
                    "workload", owner, among: WorkloadCatalogue.all.map { $0.name }
                ).at(place)
            }
            guard owner == type.name else {
                throw .usage(
                    "\(place): cell '\(cell.name)' has the workload \(type.name), not \(owner)",
                    remedy: "choose cells with --cells '\(owner)/*'")
            }
            name = String(name[name.index(after: dot)...])
        }
        guard let setting = type.settings.first(where: { $0.name == name }) else {
            var error = PlumblineError.unknown(
                "setting", name, for: type.name, among: type.settings.map(\.name)
            ).at("\(place): cell '\(cell.name)'")
            error.remedy = "choose cells that have it with --cells"
            throw error
        }
        guard !setting.isPermission else {
            throw .usage(
                "\(place): a permission cannot be switched",
                remedy: "use --allow-destructive")
        }
        return setting
    }
}
