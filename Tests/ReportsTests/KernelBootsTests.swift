// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics
import Testing

@testable import Reports
@testable import Verdicts

/// Two kernels whose boots are in different journals.
struct KernelBootsTests {
    private static let cell = "pipe/1w1r/64KiB/none"

    /// A kernel compared with itself in rounds of three blocks, at so much of a common rate.
    ///
    /// - Parameters:
    ///   - other: the kernel of arm B, where it is another one, and its rate over A's.
    private func journal(
        _ kernel: String, level: Double = 1, rounds: Int = 8, seed: UInt64 = 7,
        other: (kernel: String, effect: Double)? = nil, layouts: Int = 0,
        change: JournalBuilder.Change = { _ in }
    ) -> StoredJournal {
        var builder = JournalBuilder(blocks: 3 * rounds, knobs: [], seed: seed)
        builder.journal.header.startedAt = seed
        builder.journal.header.plan.kind = .ab
        builder.journal.header.plan.comparison?.rounds = rounds
        if layouts > 0 {
            builder.journal.header.plan.comparison?.relinks = (0..<layouts).map { 16 * $0 }
        }
        func arm(_ kernel: String) -> ComparisonRecord.Arm {
            .init(
                label: kernel,
                guest: GuestRecord(
                    image: "/cache/\(kernel)/bzImage", accelerator: "kvm", metric: .time,
                    machine: "microvm", cpus: 2, memory: 1 << 30, nodes: 1, pins: [],
                    commandLine: ""))
        }
        builder.journal.header.plan.comparison?.arms = .init(
            a: arm(kernel), b: arm(other?.kernel ?? kernel))
        for round in 0..<rounds {
            builder.journal.add(
                .round(
                    RoundRecord(
                        round: round, first: .a,
                        hosts: [.a: JournalBuilder.host, .b: JournalBuilder.host],
                        layouts: layouts > 0
                            ? [.a: round % layouts, .b: (round + 1) % layouts] : nil,
                        at: 1)))
        }
        builder.add(3 * rounds, effect: other?.effect ?? 1, noise: 0.01) { slice in
            slice.operations = UInt64(Double(slice.operations) * level)
            slice.round = (slice.block ?? 0) / 3
            change(&slice)
        }
        return builder.ended()
    }

    private func compare(
        _ a: StoredJournal..., with b: StoredJournal...
    ) throws(JournalComparison.NotComparable) -> JournalComparison {
        try JournalComparison(baseline: a, candidate: b)
    }

    @Test("a slower kernel regressed, a faster one improved, an equal one is equivalent")
    func verdicts() throws {
        for (level, outcome, code) in [
            (0.9, Verdict.Outcome.regressed, Int32(3)), (1.1, .improved, 0), (1, .equivalent, 0),
        ] {
            let comparison = try compare(
                journal("6.12"), with: journal("next", level: level, seed: 8))
            let cell = comparison.cells[0]
            #expect(comparison.kind == .boots)
            #expect(cell.outcome == outcome, "\(level): \(cell.interval as Any)")
            #expect(comparison.exitCode == code)
            #expect(cell.rounds == 16)
            #expect(abs(try #require(cell.effect) - 100 * (level - 1)) < 2)
        }
    }

    @Test("the test is Welch's on the boots' log rates")
    func isWelch() throws {
        let (a, b) = (journal("6.12"), journal("next", level: 0.98, seed: 8))
        let values = [KernelBoots([a], .a), KernelBoots([b], .b)].map {
            $0.logRates(of: Self.cell)
        }
        #expect(values.map(\.count) == [8, 8])
        let welch = try StudentT.welch(from: values[0], to: values[1])
        #expect(try compare(a, with: b).cells[0].p == welch.p)
    }

    @Test("of two kernels in a journal the baseline is arm A and the candidate arm B")
    func armsAreChosen() throws {
        let first = journal("6.12", other: ("bad", 0.5))
        let second = journal("worse", level: 0.5, seed: 9, other: ("next", 2))
        let cell = try compare(first, with: second).cells[0]
        #expect(cell.outcome == .equivalent, "\(cell.effect as Any)")
    }

    @Test("a small difference of two images is theirs, unless each has several layouts")
    func imagesDiffer() throws {
        let one = try compare(journal("6.12"), with: journal("next", level: 0.98, seed: 8))
        #expect(one.cells[0].outcome == .imagesDiffer)
        #expect(one.exitCode == 4)
        let several = try compare(
            journal("6.12", layouts: 4), with: journal("next", level: 0.96, seed: 8, layouts: 4))
        #expect(several.cells[0].outcome == .regressed)
        let same = try compare(journal("6.12"), with: journal("6.12", level: 0.96, seed: 8))
        #expect(same.cells[0].outcome == .regressed)
    }

    @Test("boots on two machines that ssh reaches are not compared")
    func otherMachines() throws {
        func pair(_ a: String, _ b: String, seed: UInt64) -> StoredJournal {
            var stored = journal(a, seed: seed, other: (b, 1))
            stored.header.plan.comparison?.arms = .init(
                a: .init(label: a, host: a), b: .init(label: b, host: b))
            return stored
        }
        let first = pair("box1", "box2", seed: 7)
        let error = #expect(throws: JournalComparison.NotComparable.self) {
            try compare(first, with: pair("box3", "box4", seed: 8))
        }
        #expect(error?.reasons == ["the machine differs: box1 and box4"])
        // Another controller makes no difference, and the machine is the same.
        var swapped = pair("box2", "box1", seed: 9)
        swapped.header.host.cpus = 64
        #expect(try compare(first, with: swapped).cells[0].outcome == .equivalent)
        let effects = #expect(throws: JournalComparison.NotComparable.self) {
            try JournalComparison(first, pair("box1", "box4", seed: 8))
        }
        #expect(effects?.reasons.contains("the arm B's machine differs: box2 and box4") == true)
        var other = journal("6.12", seed: 8)
        other.header.plan.host = "box1"
        let local = #expect(throws: JournalComparison.NotComparable.self) {
            try compare(journal("6.12"), with: other)
        }
        #expect(local?.reasons == ["the machine differs: the local machine and box1"])
    }

    @Test("of a machine that reboots, the kernels that booted count, and not the one that greeted")
    func rebootedKernels() throws {
        func rebooted(
            _ kernel: String, greeting: String, level: Double = 1, seed: UInt64 = 7
        ) -> StoredJournal {
            var stored = journal(kernel, level: level, seed: seed)
            stored.header.plan.host = "box1"
            stored.header.host.kernelRelease = greeting
            stored.header.plan.comparison?.arms = .init(
                a: .init(label: kernel), b: .init(label: kernel))
            for place in stored.rounds.indices {
                for arm in Arm.allCases {
                    stored.rounds[place].hosts[arm]?.kernelRelease = kernel
                }
            }
            return stored
        }
        let two = try compare(
            rebooted("6.12", greeting: "6.1"),
            with: rebooted("next", greeting: "6.1", level: 0.98, seed: 8))
        #expect(two.cells[0].outcome == .imagesDiffer)
        let one = try compare(
            rebooted("6.12", greeting: "6.12"), rebooted("6.12", greeting: "next", seed: 9),
            with: rebooted("next", greeting: "6.12", level: 0.9, seed: 8))
        #expect(one.cells[0].outcome == .regressed)
    }

    @Test("where all boots of a kernel are from one journal, the cell says so")
    func oneSession() throws {
        let one = try compare(journal("6.12"), with: journal("next", level: 0.9, seed: 8))
        #expect(one.cells[0].tags == ["one-session"])
        #expect(one.text().contains("note: one-session: "))
        let line = try ReportFormat.gate.renderer.render(one, style: .plain)
        #expect(line.contains("one-session: all boots of a kernel are from one journal"))
        for format in [ReportFormat.junit, .ktap, .tmt] {
            #expect(try format.renderer.render(one, style: .plain).contains("one-session: all"))
        }
        #expect(try one.json().at("cells.0.evidence.a_sessions")?.double == 1)
        let several = try compare(
            journal("6.12"), journal("6.12", seed: 9),
            with: journal("next", level: 0.9, seed: 8), journal("next", level: 0.9, seed: 10))
        #expect(several.cells[0].tags == [])
        #expect(try several.json().at("cells.0.evidence.b_sessions")?.double == 2)
    }

    @Test("four boots of a kernel are not comparable, and the words say how many there are")
    func fewBoots() throws {
        let comparison = try compare(journal("6.12"), with: journal("next", rounds: 4, seed: 8))
        let cell = comparison.cells[0]
        #expect(cell.outcome == .invalid && cell.tags == ["too-few-boots"])
        #expect(cell.error?.message.contains("A has 8 boots that count and B has 4") == true)
        #expect(comparison.exitCode == 5)
        #expect(comparison.text().contains("not comparable"))
    }

    @Test("boots of void rounds do not count")
    func voidRounds() throws {
        var b = journal("next", rounds: 6, seed: 8)
        for round in 0..<2 {
            b.add(.roundVoid(RoundVoid(round: round, arm: .a, error: .failure("it panicked"))))
        }
        #expect(try compare(journal("6.12"), with: b).exitCode == 5)
    }

    @Test("runs of one boot each are boots, five a side")
    func runs() throws {
        func runs(_ operations: UInt64, _ numbers: Range<UInt64>) -> [StoredJournal] {
            numbers.map { JournalBuilder.run(operations: operations + 10 * $0, number: $0) }
        }
        let comparison = try JournalComparison(
            baseline: runs(10_000, 1..<6), candidate: runs(9_000, 6..<11))
        #expect(comparison.cells[0].outcome == .regressed)
        #expect(comparison.cells[0].rounds == 10)
        let few = try JournalComparison(
            baseline: runs(10_000, 1..<6), candidate: runs(9_000, 6..<10))
        #expect(few.exitCode == 5)
    }

    @Test("each field that differs is named")
    func mismatches() throws {
        let changes: [(String, (inout JournalHeader) -> Void)] = [
            ("the suite differs", { $0.plan.suite.name = "other" }),
            ("the workload of", { $0.plan.suite.cells[0].settings["msgsize"] = 4096 }),
            ("the slice length differs", { $0.plan.suite.slice = 250_000_000 }),
            ("the CPU count differs", { $0.host.cpus = 4 }),
            ("the version of plumbline differs", { $0.toolVersion = "9.9" }),
            ("the guest's CPU count", { $0.plan.comparison?.arms.b.guest?.cpus = 4 }),
            ("instructions are compared", { $0.plan.metric = .instructions }),
        ]
        for (words, change) in changes {
            // Another label keeps arm B apart from arm A.
            var b = journal("6.12", seed: 8, other: ("next", 1))
            change(&b.header)
            let error = #expect(throws: JournalComparison.NotComparable.self) {
                try compare(journal("6.12"), with: b)
            }
            #expect(error?.reasons.contains { $0.hasPrefix(words) } == true, "\(words)")
        }
    }

    @Test("a journal counts once, and a side is one kernel")
    func mixtures() throws {
        let a = journal("6.12")
        let twice = #expect(throws: JournalComparison.NotComparable.self) {
            try compare(a, with: a)
        }
        #expect(twice?.reasons == ["a journal is given twice"])
        let mixed = #expect(throws: JournalComparison.NotComparable.self) {
            try compare(a, journal("next", seed: 8), with: journal("next", seed: 9))
        }
        #expect(mixed?.reasons.first?.hasPrefix("A is not one kernel: ") == true)
    }
}
