// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal
import Linux
import Machine
import Protocol

/// A temporary journal of two equal arms, which repeats slices of this machine.
struct LongJournal {
    /// Slices of a block.
    private static let block = 4
    private static let buffer = 1 << 20
    /// Writers and readers of the slices that are repeated.
    private static let shapes = [(1, 1), (2, 5)]
    /// Slices of each shape.
    private static let samples = 8

    /// A file in the data directory, whose name nobody can guess.
    private(set) var path =
        "\(DataDirectory.standard)/plumbline-bench-\(UInt64.random(in: 0 ... .max)).jsonl"
    /// The bytes of all blocks.
    private(set) var bytes = 0
    /// The slices of all blocks.
    private(set) var slices = 0
    private var header: JournalHeader
    private let samples: [SliceRecord]
    /// Blocks of a cell, in all rounds.
    private var blocks = 0

    /// A journal without a slice.
    ///
    /// - Parameters:
    ///   - rounds: rounds of boots that there will be; nil for one boot.
    ///   - blocks: blocks of a cell that there will be in all.
    init(_ programs: Programs, cells: Int, rounds: Int?, blocks: Int) throws(PlumblineError) {
        var samples: [SliceRecord] = []
        for (writers, readers) in Self.shapes {
            for _ in 0..<Self.samples {
                samples.append(
                    try programs.record(
                        PipeWorkload.name,
                        [
                            "msgsize=64k", "pipe_size=1m", "writers=\(writers)",
                            "readers=\(readers)",
                        ], nanoseconds: 50_000_000))
            }
        }
        self.samples = samples
        let plans = (0..<cells).map {
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
                    name: "bench", summary: "a long journal", slice: 50_000_000,
                    guardTime: 12_500_000, warmup: 0, slices: 0, pressureThreshold: 0, cells: plans
                ), seed: 1,
                comparison: ComparisonRecord(
                    arms: .init(a: .init(label: "timing=op"), b: .init(label: "timing=op")),
                    knobs: [.init(kind: .setting, target: "timing", a: "op", b: "op")],
                    rule: .fixed, blocks: blocks, rounds: rounds)))
        try JournalWriter.create(at: path).append(header)
    }

    /// An empty journal that repeats the same slices, with a seed of its own.
    func sibling(at path: String, seed: UInt64) throws(PlumblineError) -> LongJournal {
        var other = self
        other.path = path
        other.header.plan.seed = seed
        (other.blocks, other.slices, other.bytes) = (0, 0, 0)
        try JournalWriter.create(at: path).append(other.header)
        return other
    }

    /// Adds so many blocks of each cell, one cell after the other.
    ///
    /// - Parameter round: the round of boots in which they ran; nil for one boot.
    mutating func add(blocks count: Int, round: Int? = nil) throws(PlumblineError) {
        var lines: [UInt8] = []
        for plan in header.suite.cells {
            for block in blocks..<blocks + count {
                for position in 0..<Self.block {
                    let slice = slice(plan, block: block, position: position, round: round)
                    lines += try JournalLine.encode(.slice(slice))
                }
            }
            slices += Self.block * count
            if lines.count >= Self.buffer { try flush(&lines) }
            if Interrupts.pending != nil { throw PlumblineError(.interrupted, "interrupted") }
        }
        blocks += count
        try flush(&lines)
    }

    private func slice(
        _ plan: CellPlan, block: Int, position: Int, round: Int?
    ) -> SliceRecord {
        var slice = samples[.random(in: samples.indices)]
        slice.cell = plan.name
        slice.arm = position == 1 || position == 2 ? .b : .a
        slice.visit = round ?? 0
        slice.number = 2 * block + position / 2
        slice.block = block
        slice.round = round
        slice.position = position
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
