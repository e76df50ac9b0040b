// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Protocol

@testable import Reports
@testable import Verdicts

/// Journals of each kind, to be shown together.
enum SeveralJournals {
    /// A switch on a running kernel: one cell improved, and one open.
    static func toggle() throws -> VerdictReport {
        let cells = ["pipe/1w1r/64KiB/none", "pipe/2w1r, \"64\"/memcg"]
        var builder = JournalBuilder(cells: cells, rule: .fixed, blocks: 8)
        builder.journal.header.startedAt = 1_700_000_000_000_000_000
        builder.journal.header.plan.arguments = ["toggle", "example", "--knob", "vm.x=1,2"]
        builder.add(8, of: cells[0], effect: 1.1, latency: true)
        builder.add(8, of: cells[1], noise: 0.1)
        return try VerdictReport(builder.ended())
    }

    /// Two kernels in emulated guests, eight rounds that count: in the fourth B was lost, and the
    /// round in its place has a layout again.
    static func kernels(_ loss: String = "the guest new panicked before its agent started")
        throws -> VerdictReport
    {
        var builder = JournalBuilder(rule: .fixed, blocks: 16, knobs: [], suite: "kernels")
        builder.journal.header.id = "20261122T000000Z-2"
        builder.journal.header.startedAt = 1_700_000_086_000_000_000
        builder.journal.header.plan.kind = .ab
        builder.journal.header.plan.arguments = ["ab", "kernels"]
        builder.journal.header.plan.comparison?.rounds = 8
        builder.journal.header.plan.comparison?.relinks = (0..<8).map { 16 * $0 }
        builder.journal.header.plan.comparison?.arms = .init(
            a: .init(label: "old", target: "qemu", guest: guest("old")),
            b: .init(label: "new", target: "qemu", guest: guest("new")))
        for round in 0..<9 {
            builder.journal.add(
                .round(
                    RoundRecord(
                        round: round, first: .a,
                        hosts: [.a: JournalBuilder.host, .b: JournalBuilder.host],
                        layouts: [.a: round % 8, .b: (round + 1) % 8], at: 1)))
        }
        builder.journal.add(.roundVoid(.init(round: 3, arm: .b, error: .failure(loss))))
        builder.journal.add(
            .round(
                RoundRecord(
                    round: 8, first: .b,
                    hosts: [.a: JournalBuilder.host, .b: JournalBuilder.host],
                    layouts: [.a: 0, .b: 2], at: 1)))
        builder.add(18, effect: 1.2, noise: 0.02) { $0.round = ($0.block ?? 0) / 2 }
        return try VerdictReport(builder.ended())
    }

    /// A run of one kernel: a cell with slices, and one without.
    static func run() -> RunReport {
        var journal = JournalBuilder.run(
            operations: 10_000, cells: ["pipe/1w1r/64KiB/none", "pipe/none"])
        journal.header.id = "20261123T000000Z-3"
        journal.slices.removeAll { $0.cell == "pipe/none" }
        return RunReport(stored: journal)
    }

    /// The journals by name.
    static func overview(runs: Bool = true) throws -> VerdictOverview {
        let verdicts: [(name: String, result: JournalResult)] = [
            ("toggle", .verdicts(try toggle())), ("kernels", .verdicts(try kernels())),
        ]
        return VerdictOverview(verdicts + (runs ? [("run", .run(run()))] : []))
    }

    private static func guest(_ image: String) -> GuestRecord {
        GuestRecord(
            image: image, accelerator: "tcg", metric: .time, machine: "microvm", cpus: 2,
            memory: 1 << 30, nodes: 1, pins: [], commandLine: "")
    }
}
