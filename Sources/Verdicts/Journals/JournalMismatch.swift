// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal
import Protocol

/// A field in which two journals differ, so that their figures do not belong together.
package struct JournalMismatch: Equatable {
    /// What it is.
    package var field: String
    /// Its value in the first journal.
    package var a: String
    /// Its value in the second journal.
    package var b: String

    /// The field of how many layouts the rounds draw from; those that they had may be fewer.
    package static let plannedLayouts = "layouts to draw from"

    /// Every such field, the weightiest first.
    package static func all(_ a: JournalHeader, _ b: JournalHeader) -> [JournalMismatch] {
        var found: [JournalMismatch] = []
        func check(_ field: String, a left: String?, b right: String?) {
            guard left != right else { return }
            found.append(
                JournalMismatch(field: field, a: left ?? "unknown", b: right ?? "unknown"))
        }
        func time(_ value: Int) -> String { Decimal.time(nanoseconds: Double(value)) }
        check("suite", a: a.suite.name, b: b.suite.name)
        found += workloads(a.suite, b.suite)
        check("slice length", a: time(a.suite.slice), b: time(b.suite.slice))
        check("guard", a: time(a.suite.guardTime), b: time(b.suite.guardTime))
        check(
            "pressure threshold", a: "\(a.suite.pressureThreshold)",
            b: "\(b.suite.pressureThreshold)")
        func place(_ host: String?) -> String { host ?? "the local machine" }
        check("machine", a: place(a.plan.host), b: place(b.plan.host))
        // A pair of guests is said with the arms, and the header's machine is their host.
        let isMixed = (a.guest == nil) != (b.guest == nil)
        let both = isMixed ? (a.armsGuest ?? a.guest, b.armsGuest ?? b.guest) : (a.guest, b.guest)
        let areGuests = isMixed && both.0 != nil && both.1 != nil
        if !areGuests {
            check("CPU count", a: "\(a.host.cpus)", b: "\(b.host.cpus)")
            check("CPU model", a: a.host.cpuModel, b: b.host.cpuModel)
            check(
                "memory", a: memory(Int(clamping: a.host.memory)),
                b: memory(Int(clamping: b.host.memory)))
        }
        if let left = both.0?.host, let right = both.1?.host {
            check("CPU model of the host", a: left.cpuModel, b: right.cpuModel)
        }
        check("architecture", a: a.host.machine, b: b.host.machine)
        check("version of plumbline", a: a.toolVersion, b: b.toolVersion)
        found += guests("guest", a: both.0, b: both.1)
        check("metric", a: a.metric.rawValue, b: b.metric.rawValue)
        if let left = a.comparison, let right = b.comparison {
            let isToggle = !left.knobs.isEmpty || !right.knobs.isEmpty
            check(isToggle ? "knobs" : "pair of kernels", a: arms(left), b: arms(right))
            for (arm, one, other) in [
                ("A", left.arms.a, right.arms.a), ("B", left.arms.b, right.arms.b),
            ] {
                check("arm \(arm)'s machine", a: place(one.host), b: place(other.host))
                guard !areGuests else { continue }
                found += guests("arm \(arm)'s guest", a: one.guest, b: other.guest)
            }
            func layouts(_ arms: ComparisonRecord) -> String { "\(arms.relinks?.count ?? 1)" }
            check(plannedLayouts, a: layouts(left), b: layouts(right))
            check("equivalence", a: "\(left.equivalence)", b: "\(right.equivalence)")
        }
        return found
    }

    /// The cells whose slices got longer in one journal, or not to the same length. Where a program
    /// ends the slices, their length is how long it took, and no setting.
    static func lengths(_ a: StoredJournal, _ b: StoredJournal) -> [JournalMismatch] {
        let free = (a.header.suite.cells + b.header.suite.cells)
            .filter { $0.program?.endsSlice == true }.map(\.name)
        let cells = Set(a.sliceLengths.keys).union(b.sliceLengths.keys).subtracting(free)
        return cells.sorted().compactMap { cell in
            func time(_ journal: StoredJournal) -> String {
                let length = journal.sliceLengths[cell] ?? journal.header.suite.slice
                return Decimal.time(nanoseconds: Double(length))
            }
            return time(a) == time(b)
                ? nil
                : JournalMismatch(field: "slice length of \(cell)", a: time(a), b: time(b))
        }
    }

    /// Kernels under test of which one fills what it allocates with zeros; one of which that is not
    /// known says nothing.
    static func zeroing(_ a: StoredJournal, _ b: StoredJournal) -> [JournalMismatch] {
        func hosts(_ journal: StoredJournal) -> [(arm: String, value: Int?)] {
            guard journal.header.plan.kind == .ab else {
                return [("kernel", journal.header.host.initOnAlloc)]
            }
            return Arm.allCases.map { arm in
                let host = journal.rounds.compactMap { $0.hosts[arm] }.last
                return ("arm \(arm)'s kernel", host?.initOnAlloc)
            }
        }
        return zip(hosts(a), hosts(b)).compactMap { left, right in
            guard let first = left.value, let second = right.value, first != second else {
                return nil
            }
            return JournalMismatch(
                field: "init_on_alloc of \(left.arm)", a: "\(first)", b: "\(second)")
        }
    }

    /// What two guests' machines differ in.
    private static func guests(
        _ name: String, a: GuestRecord?, b: GuestRecord?
    ) -> [JournalMismatch] {
        guard let a, let b else {
            guard a != nil || b != nil else { return [] }
            func place(_ guest: GuestRecord?) -> String { guest == nil ? "none" : "a guest" }
            return [JournalMismatch(field: name, a: place(a), b: place(b))]
        }
        let fields = [
            ("CPU count", "\(a.cpus)", "\(b.cpus)"),
            ("memory", "\(ByteSize(a.memory))", "\(ByteSize(b.memory))"),
            ("accelerator", a.accelerator, b.accelerator), ("machine", a.machine, b.machine),
            ("count of NUMA nodes", "\(a.nodes)", "\(b.nodes)"),
        ]
        return fields.filter { $0.1 != $0.2 }.map {
            JournalMismatch(field: "\(name)'s \($0.0)", a: $0.1, b: $0.2)
        }
    }

    /// Cells of one name that are set otherwise, and no cell in common.
    private static func workloads(_ a: SuiteRecord, _ b: SuiteRecord) -> [JournalMismatch] {
        let others = Dictionary(b.cells.map { ($0.name, $0) }) { first, _ in first }
        let common = a.cells.compactMap { cell in others[cell.name].map { (cell, $0) } }
        if common.isEmpty {
            return [
                JournalMismatch(
                    field: "cells", a: names(a.cells), b: names(b.cells))
            ]
        }
        return common.filter { $0 != $1 }.map { left, right in
            JournalMismatch(
                field: "workload of \(left.name)", a: settings(left, unlike: right),
                b: settings(right, unlike: left))
        }
    }

    private static func names(_ cells: [CellPlan]) -> String {
        cells.prefix(2).map(\.name).joined(separator: ", ") + (cells.count > 2 ? ", …" : "")
    }

    private static func settings(_ cell: CellPlan, unlike other: CellPlan) -> String {
        func all(_ cell: CellPlan) -> [String: SettingValue] {
            var all = cell.settings
            for (key, value) in cell.pressureSettings { all["\(cell.pressure).\(key)"] = value }
            all["workload"] = .text(cell.workload)
            all["pressure"] = .text(cell.pressure)
            return all
        }
        let others = all(other)
        return all(cell).filter { others[$0.key] != $0.value }.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }

    static func memory(_ bytes: Int) -> String {
        "\(Decimal.fixed(Double(bytes) / 1_073_741_824, 1)) GiB"
    }

    private static func arms(_ comparison: ComparisonRecord) -> String {
        if comparison.knobs.isEmpty {
            return "\(comparison.arms.a.label), \(comparison.arms.b.label)"
        }
        return comparison.knobs.map { "\($0.kind.rawValue):\($0.target)=\($0.a),\($0.b)" }
            .joined(separator: " ")
    }
}

extension JournalHeader {
    /// The guest of both arms, where each arm has one and they are alike but for their kernels.
    fileprivate var armsGuest: GuestRecord? {
        guard let arms = comparison?.arms, var a = arms.a.guest, let b = arms.b.guest else {
            return nil
        }
        a.image = b.image
        a.commandLine = b.commandLine
        return a == b ? b : nil
    }
}
