// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Protocol
import Reports
import SchemaSupport
import Testing

@testable import Commands

@Suite struct CompareCommandTests {
    private static let cell = "pipe/1w1r/64KiB/none"

    private static func header(arms: Bool) -> JournalHeader {
        let host = Hello(
            toolVersion: "0.1.0", kernelRelease: "6.1.0", kernelVersion: "#1", machine: "x86_64",
            buildID: nil, cpus: 2, cpuModel: "Example", memory: 1 << 30, pageSize: 4096,
            cgroupVersion: 2, clockSource: "tsc", timer: "tsc", timerCost: 9, timingCost: 20,
            capabilities: [])
        let plan = CellPlan(
            name: cell, workload: "pipe", settings: [:], pressure: "none", pressureSettings: [:])
        return JournalHeader(
            id: "x", startedAt: 1, host: host,
            plan: Plan(
                arms ? .toggle : .run,
                SuiteRecord(
                    name: "example", summary: "an example", slice: 500_000_000, guardTime: 0,
                    warmup: 0, slices: 3, pressureThreshold: 100, cells: [plan]), seed: 1,
                comparison: arms
                    ? ComparisonRecord(
                        arms: .init(a: .init(label: "x=1"), b: .init(label: "x=2")),
                        knobs: [.init(kind: .setting, target: "x", a: "1", b: "2")], rule: .budget,
                        blocks: 8) : nil))
    }

    private static func slice(_ number: Int, _ operations: UInt64) -> SliceRecord {
        SliceRecord(
            cell: cell, number: number, startedAt: 1, operations: operations,
            bytes: operations * 65536, interval: 500_000_000, tracks: [:],
            pressure: PressureRecord(kind: "none", proven: nil, threshold: nil, proof: [:]),
            evidence: EvidenceRecord(), validity: Validity())
    }

    /// Writes the journal of a toggle in which B does so much more than A.
    private func toggle(
        _ path: String, effect: Double, change: (inout JournalHeader) -> Void = { _ in }
    ) throws {
        var header = Self.header(arms: true)
        change(&header)
        let writer = try JournalWriter.create(at: path)
        try writer.append(header)
        for number in 0..<32 {
            let isB = [1, 2].contains(number % 4)
            let noise = Double((number * 7919) % 97) / 97 * 100
            var slice = Self.slice(number / 2, UInt64((isB ? effect : 1) * (10_000 + noise)))
            slice.arm = isB ? .b : .a
            slice.block = number / 4
            slice.position = number % 4
            slice.number = number / 4 * 2 + (number % 4 > 1 ? 1 : 0)
            try writer.append(.slice(slice))
        }
        try writer.append(.end(.init(state: .finished, at: 2)))
    }

    private func run(
        _ path: String, operations: UInt64, change: (inout JournalHeader) -> Void = { _ in }
    ) throws {
        var header = Self.header(arms: false)
        header.id = path
        change(&header)
        let writer = try JournalWriter.create(at: path)
        try writer.append(header)
        for visit in 0..<3 { try writer.append(.slice(Self.slice(visit, operations))) }
    }

    @Test func theExitCodeIsTheVerdict() async throws {
        let scratch = try ScratchDirectory()
        for (effect, code) in [(1.1, Int32(0)), (0.9, 3), (1.0, 0)] {
            let path = "\(scratch.path)/\(effect)"
            try toggle(path, effect: effect)
            #expect(await Invocation(["compare", path]).code == code)
        }
        let json = await Invocation(["compare", "\(scratch.path)/0.9", "--format", "json"])
        #expect(json.code == 3)
        let document = try LineCodec.decode(JSONValue.self, from: json.document.utf8)
        #expect(document["exit_code"] == .integer(3))
        #expect(document.at("summary.regressed") == .integer(1))
        #expect(json.diagnostics.isEmpty)
    }

    @Test func twoTogglesAreComparedByTheirEffects() async throws {
        let scratch = try ScratchDirectory()
        let (a, b) = ("\(scratch.path)/a", "\(scratch.path)/b")
        try toggle(a, effect: 1.1)
        try toggle(b, effect: 1.0)
        let result = await Invocation(["compare", a, b])
        #expect(result.code == 3)
        #expect(result.document.contains("regressed"))
        #expect(await Invocation(["compare", b, a]).code == 0)
        #expect(await Invocation(["compare", a, a]).code == 0)
    }

    @Test func oneKernelEachIsNotComparable() async throws {
        let scratch = try ScratchDirectory()
        let (a, b) = ("\(scratch.path)/a", "\(scratch.path)/b")
        try run(a, operations: 1000)
        try run(b, operations: 1100)
        let result = await Invocation(["compare", a, b])
        #expect(result.code == 5)
        #expect(result.document.contains("+10.0%"))
        #expect(result.document.contains("Not comparable."))
        #expect(result.document.contains("--history"))
        #expect(await Invocation(["compare", a]).code == 64)
        try toggle("\(scratch.path)/c", effect: 1)
        let mixed = await Invocation(["compare", a, "\(scratch.path)/c"])
        #expect(mixed.code == 5)
        #expect(mixed.document.isEmpty)
    }

    @Test func aMismatchIsRefusedByName() async throws {
        let scratch = try ScratchDirectory()
        let (a, b) = ("\(scratch.path)/a", "\(scratch.path)/b")
        try toggle(a, effect: 1)
        try toggle(b, effect: 1) { header in
            header.plan.suite.slice = 250_000_000
            header.host.cpus = 4
        }
        let result = await Invocation(["compare", a, b, "--format", "json"])
        #expect(result.code == 5)
        #expect(result.document.isEmpty)
        #expect(result.diagnostics.contains("slice length differs: 500ms and 250ms"))
        #expect(result.diagnostics.contains("CPU count differs: 2 and 4"))
    }

    @Test func damagedAndMissingFilesAreNamed() async throws {
        let scratch = try ScratchDirectory()
        let path = "\(scratch.path)/a"
        try toggle(path, effect: 1)
        var bytes = try SystemFile.readBytes(path)
        bytes[bytes.count / 2] ^= 1
        try Descriptor.open("\(scratch.path)/b", [.write, .create]).writeAll(bytes)
        let damaged = await Invocation(["compare", path, "\(scratch.path)/b"])
        #expect(damaged.code == 1)
        #expect(damaged.diagnostics.contains("\(scratch.path)/b: line "))
        let missing = await Invocation(["compare", path, "\(scratch.path)/none"])
        #expect(missing.code == 64)
        #expect(missing.diagnostics.contains("no such journal"))
        #expect(await Invocation(["compare"]).code == 64)
    }

    @Test func inconclusivePassesOnlyWithTheOption() async throws {
        let scratch = try ScratchDirectory()
        let path = "\(scratch.path)/a"
        let writer = try JournalWriter.create(at: path)
        try writer.append(Self.header(arms: true))
        #expect(await Invocation(["compare", path]).code == 4)
        #expect(await Invocation(["compare", path, "--inconclusive-ok"]).code == 0)
    }
    @Test func earlierRunsMakeTwoRunsComparable() async throws {
        let scratch = try ScratchDirectory()
        let (a, b, c) = ("\(scratch.path)/a", "\(scratch.path)/b", "\(scratch.path)/c")
        try run(a, operations: 10_000)
        try run(b, operations: 10_800)
        try run(c, operations: 9_200)
        let history = (0..<6).map { "\(scratch.path)/h\($0)" }
        for (index, path) in history.enumerated() {
            try run(path, operations: UInt64(10_000 + index * 30))
        }
        let better = await Invocation(["compare", a, b, "--history"] + history)
        #expect(better.code == 0)
        #expect(better.document.contains("improved"))
        #expect(better.diagnostics.isEmpty)
        let worse = await Invocation(
            ["compare", a, c, "--history"] + history + ["--format", "json"])
        #expect(worse.code == 3)
        let document = try LineCodec.decode(JSONValue.self, from: worse.document.utf8)
        #expect(document.at("experiment.kind") == .text("compare"))
        #expect(document.at("cells.0.verdict") == .text("regressed"))
        #expect(document.at("cells.0.p_value") != nil)
        #expect(document.at("cells.0.interval_percent")?.items?.count == 2)
        // The option may also be given again and again.
        let single = ["compare", a, b] + history.flatMap { ["--history", $0] }
        #expect(await Invocation(single).code == 0)
    }

    @Test func aHistoryThatDoesNotServeIsRefused() async throws {
        let scratch = try ScratchDirectory()
        let (a, b) = ("\(scratch.path)/a", "\(scratch.path)/b")
        try run(a, operations: 10_000)
        try run(b, operations: 10_800)
        var history = (0..<6).map { "\(scratch.path)/h\($0)" }
        for (index, path) in history.enumerated() {
            try run(path, operations: UInt64(10_000 + index * 30))
        }
        let few = await Invocation(["compare", a, b, "--history"] + history.dropLast())
        #expect(few.code == 64)
        #expect(few.diagnostics.contains("6 are needed"))
        let twice = await Invocation(["compare", a, b, "--history", a] + history)
        #expect(twice.code == 64)
        #expect(twice.diagnostics.contains("\(a) is given twice"))
        #expect(await Invocation(["compare", a, a, "--history"] + history).code == 64)
        #expect(await Invocation(["compare", a, "--history"] + history).code == 64)
        history.append("\(scratch.path)/other")
        try run(history[6], operations: 10_000) { $0.host.cpus = 4 }
        let other = await Invocation(["compare", a, b, "--history"] + history)
        #expect(other.code == 5)
        #expect(other.document.isEmpty)
        #expect(other.diagnostics.contains("\(history[6]): the CPU count differs: 2 and 4"))
    }

    @Test func theSchemaIsADocument() async {
        for command in ["compare", "toggle"] {
            let result = await Invocation([command, "--schema"])
            #expect(result.code == 0)
            #expect(result.document == ReportFormat.schemaText)
            #expect(result.diagnostics.isEmpty)
        }
        #expect(await Invocation(["toggle"]).code == 64)
        let others = [
            (["fleet", "status"], ReportFormat.fleetSchemaText),
            (["fleet", "collect"], ReportFormat.fleetSchemaText),
            (["bisect"], ReportFormat.bisectionSchemaText),
            (["series"], ReportFormat.seriesSchemaText),
            (["probe"], ReportFormat.probeSchemaText),
            (["suite", "list"], ReportFormat.suitesSchemaText),
        ]
        for (words, text) in others {
            let result = await Invocation(words + ["--schema"])
            #expect(result.code == 0)
            #expect(result.document == text)
        }
    }
}
