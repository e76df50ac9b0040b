// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal
import Linux
import Machine
import Protocol

/// A temporary journal of two equal arms, which repeats one slice of this machine.
struct LongJournal {
    private static let cells = 10
    /// Slices of a block.
    private static let block = 4
    private static let buffer = 1 << 20

    /// A file in the data directory, whose name nobody can guess.
    let path =
        "\(DataDirectory.standard)/plumbline-bench-\(UInt64.random(in: 0 ... .max)).jsonl"
    /// The bytes of all blocks.
    private(set) var bytes = 0
    private let header: JournalHeader
    private let sample: SliceRecord
    private var blocks = 0

    init(_ programs: Programs) throws(PlumblineError) {
        sample = try programs.record(PipeWorkload.name, [], nanoseconds: 500_000_000)
        let plans = (0..<Self.cells).map {
            CellPlan(
                name: "pipe/\($0)", workload: PipeWorkload.name, settings: [:],
                pressure: NoPressure.name,
                pressureSettings: [:])
        }
        header = JournalHeader(
            id: "bench", startedAt: 1,
            host: try LineCodec.decode(
                Hello.self, from: Programs.run([programs.agent, "--hello"]).utf8),
            plan: Plan(
                .toggle,
                SuiteRecord(
                    name: "bench", summary: "a long journal", slice: 500_000_000,
                    guardTime: 125_000_000, warmup: 0, slices: 0, pressureThreshold: 0, cells: plans
                ), seed: 1,
                comparison: ComparisonRecord(
                    arms: .init(a: .init(label: "timing=op"), b: .init(label: "timing=op")),
                    knobs: [.init(kind: .setting, target: "timing", a: "op", b: "op")],
                    rule: .fixed,
                    blocks: 2_500)))
        try JournalWriter.create(at: path).append(header)
    }

    /// Adds blocks, one cell after the other, until the journal has this many slices.
    mutating func grow(to slices: Int) throws(PlumblineError) {
        var lines: [UInt8] = []
        while blocks * Self.cells * Self.block < slices {
            for plan in header.suite.cells {
                for position in 0..<Self.block {
                    lines += try JournalLine.encode(.slice(slice(plan, position)))
                }
            }
            blocks += 1
            if lines.count >= Self.buffer { try flush(&lines) }
            if Interrupts.pending != nil { throw PlumblineError(.interrupted, "interrupted") }
        }
        try flush(&lines)
    }

    private func slice(_ plan: CellPlan, _ position: Int) -> SliceRecord {
        var slice = sample
        slice.cell = plan.name
        slice.arm = position == 1 || position == 2 ? .b : .a
        slice.visit = blocks
        slice.number = 2 * blocks + position / 2
        slice.block = blocks
        slice.position = position
        slice.operations = sample.operations / 100 * .random(in: 95...105)
        return slice
    }

    /// Writes without the journal's writer, which syncs every line.
    private mutating func flush(_ lines: inout [UInt8]) throws(PlumblineError) {
        do {
            try Descriptor.open(path, [.write, .append]).writeAll(lines)
        } catch {
            throw .failure(
                "\(path): \(error)", remedy: "set TMPDIR to a directory with more free space")
        }
        bytes += lines.count
        lines.removeAll(keepingCapacity: true)
    }

    func remove() { try? SystemFile.unlink(path) }
}
