// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells

/// What the command line puts in the place of a suite's own values.
public struct Overrides: Sendable, Equatable {
    /// A value for one setting of every cell with this workload or pressure.
    struct Assignment: Sendable, Equatable {
        var owner: String
        var setting: String
        var value: SettingValue
        var text: String
    }

    /// The measured part of a slice, nanoseconds.
    public var slice: Int?
    /// Slices a cell.
    public var slices: Int?
    /// Whether workloads may write to a block device given to them.
    public var allowDestructive: Bool
    var assignments: [Assignment]

    var isEmpty: Bool { assignments.isEmpty }

    /// Reads the options, `assignments` in the form `workload.key=value`.
    ///
    /// - Throws: `usage` naming the option and what is known.
    public init(
        assignments texts: [String] = [], slice: String? = nil, slices: Int? = nil,
        allowDestructive: Bool = false
    ) throws(PlumblineError) {
        assignments = []
        self.allowDestructive = allowDestructive
        for text in texts { assignments.append(try Self.assignment(text)) }
        if let slice {
            guard let nanoseconds = Duration.nanoseconds(parsing: slice),
                nanoseconds <= Setting.longestTime
            else {
                throw .invalid(
                    slice, for: "--slice", allowed: "up to 1h, such as 500ms or 2s", unit: "s")
            }
            self.slice = nanoseconds
        }
        if let slices {
            guard (1...100_000).contains(slices) else {
                throw .usage("invalid value '\(slices)' for --slices (allowed: 1 to 100000)")
            }
            self.slices = slices
        }
    }

    /// No overrides.
    public init() {
        assignments = []
        allowDestructive = false
    }

    /// What to put in place for a workload or pressure of this name.
    func values(
        of owner: String, declared: [Setting]
    ) throws(PlumblineError) -> [String: SettingValue] {
        var values: [String: SettingValue] = [:]
        for assignment in assignments where assignment.owner == owner {
            values[assignment.setting] = assignment.value
        }
        if allowDestructive, let permission = declared.first(where: \.isPermission) {
            values[permission.name] = true
        }
        return values
    }

    /// Refuses an assignment to what no cell of the suite has.
    func refuseUnused(in place: String, cells: [CellPlan]) throws(PlumblineError) {
        let owners = Set(cells.flatMap { [$0.workload, $0.pressure] })
        for assignment in assignments where !owners.contains(assignment.owner) {
            throw .usage(
                "--set \(assignment.text): no cell of \(place) has \(assignment.owner)",
                remedy: "its cells have \(owners.sorted().joined(separator: ", "))")
        }
    }

    private static func assignment(_ text: String) throws(PlumblineError) -> Assignment {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        var path = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        if path.count == 3, path[0] == "pressure" { path.removeFirst() }
        guard parts.count == 2, path.count == 2 else {
            throw .usage(
                "--set \(text): it is not of the form workload.key=value",
                remedy: "such as --set pipe.msgsize=4k or --set memcg.limit=64m")
        }
        do throws(PlumblineError) {
            let owner = String(path[0])
            let declared = try declared(by: owner)
            let name = String(path[1])
            guard let setting = declared.first(where: { $0.name == name }) else {
                throw PlumblineError.unknown(
                    "setting", name, for: owner, among: declared.map(\.name))
            }
            let value = try setting.parse(.text(String(parts[1])), of: owner)
            return Assignment(owner: owner, setting: name, value: value, text: text)
        } catch { throw error.at("--set \(text)") }
    }

    private static func declared(by owner: String) throws(PlumblineError) -> [Setting] {
        if let workload = WorkloadCatalogue.all.first(where: { $0.name == owner }) {
            return workload.settings.filter { !$0.isPermission }
        }
        if let pressure = PressureCatalogue.all.first(where: { $0.name == owner }) {
            return pressure.settings
        }
        let names = WorkloadCatalogue.all.map { $0.name } + PressureCatalogue.all.map { $0.name }
        throw .unknown("workload or pressure", owner, among: names)
    }
}
