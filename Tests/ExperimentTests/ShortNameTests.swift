// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Testing

@testable import Cells
@testable import Experiment
@testable import Suites

@Suite struct ShortNameTests {
    private func cells(_ name: String, _ overrides: Overrides = Overrides()) throws -> [CellPlan] {
        try SuiteParser.parse(SuiteSource.find(name), overrides: overrides).cells
    }

    private func plan(_ settings: [String: SettingValue]) throws -> CellPlan {
        let cell = try CellDescription(
            WorkloadCatalogue.make("dio", settings), under: PressureCatalogue.make("none"))
        return CellPlan(
            name: cell.name, workload: "dio", settings: settings, pressure: "none",
            pressureSettings: [:])
    }

    @Test(
        "every short name of a built-in suite is unique and has at most 60 characters",
        arguments: SuiteSource.builtInNames)
    func builtIn(name: String) throws {
        let names = try cells(name).compactMap(\.shortName)
        #expect(try names.count == cells(name).count)
        #expect(Set(names).count == names.count)
        for name in names { #expect(name.count <= 60, "\(name)") }
    }

    @Test("a short name has what differs from the defaults and from the suite's other cells")
    func words() throws {
        #expect(
            try cells("demo").map(\.label) == [
                "pipe 2w1r", "pipe 2w1r memcg", "dio randread 4k qd128 io_uring brd:ext4",
            ])
        #expect(
            try cells("smoke").map(\.label) == [
                "pipe 1w1r 64k", "pipe 1w1r 64k memcg", "pipe 2w1r 64k", "pipe 2w1r 64k memcg",
                "pipe 1w1r 4k", "dio randread 4k qd1 psync directory size=64m",
                "dio randread 4k qd32 io_uring zram:ext4",
                "dio randread 4k qd32 io_uring zram:ext4 memcg",
            ])
        let full = try cells("full").map(\.label)
        for name in [
            "pipe 1w1r 4k process anon", "pipe 1w1r 4k packet", "pipe 1w1r 64k pipes=4",
            "pipe 1w1r 4k rate=10000", "splice vmsplice gift memcg", "splice file-file",
            "dio randread 4k qd128 io_uring zram:ext4 batch32 memcg",
        ] { #expect(full.contains(name), "\(name) is none of \(full)") }
        #expect(
            try cells("iomap-dio-cache").map(\.label).contains(
                "dio randread 4k qd128 io_uring null_blk:ext4 irq2 nsec100000"))
    }

    @Test("a setting of the command line that all cells have is named where it is no default")
    func overrides() throws {
        let smaller = try Overrides(assignments: ["pipe.msgsize=8k", "memcg.limit=128m"])
        #expect(
            try cells("demo", smaller).map(\.label).prefix(2) == [
                "pipe 2w1r 8k", "pipe 2w1r 8k memcg",
            ])
    }

    @Test("a name that is too long is cut in the middle and stays unique")
    func long() throws {
        let deep = String(repeating: "deep/", count: 12)
        let plans = try ["a", "b"].map {
            try plan(["filename": .text("/tmp/\(deep)\($0)/\(deep)file")])
        }
        let names = ShortNames.names(of: plans)
        #expect(Set(names).count == 2)
        for name in names {
            #expect(name.count == 60)
            #expect(name.hasPrefix("dio randread 4k qd1 io_uring"))
            #expect(name.contains("…"))
        }
    }

    @Test(
        "cells are chosen by the short names that lists show, and by their full names",
        arguments: SuiteSource.builtInNames)
    func selection(name: String) throws {
        let suite = try SuiteParser.parse(SuiteSource.find(name))
        for cell in suite.cells {
            #expect(try suite.selecting([cell.label]).cells == [cell])
            #expect(try suite.selecting([cell.name]).cells == [cell])
        }
    }

    @Test("a cell keeps its short name where only some cells of its suite are chosen")
    func subset() throws {
        let suite = try SuiteParser.parse(SuiteSource.find("smoke")).selecting(["pipe*4k*"])
        #expect(suite.cells.map(\.label).contains("pipe 1w1r 4k"))
    }

    @Test("a setting that a knob switches is not in the short name")
    func knob() throws {
        let suite = try SuiteParser.parse(SuiteSource.find("smoke")).selecting(["pipe*none"])
        let plan = try Plan.toggle(
            suite, knobs: Knob.parse(["set:msgsize=4k,64k"]), stopping: StoppingPlan(blocks: 6),
            equivalence: 0.02, seed: 1)
        #expect(plan.suite.cells.map(\.label) == ["pipe 1w1r", "pipe 2w1r"])
    }

    @Test("a cell without a short name is shown with its full one")
    func none() throws { #expect(try plan([:]).label == "dio/randread/4KiB/qd1/io_uring/none") }
}
