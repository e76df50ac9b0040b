// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics
import Testing

@testable import Reports
@testable import Verdicts

struct JournalComparisonTests {
    private func toggle(_ effect: Double, seed: UInt64 = 7, noise: Double = 0.01) -> StoredJournal {
        var builder = JournalBuilder(seed: seed)
        builder.add(24, effect: effect, noise: noise)
        return builder.ended()
    }

    private func compare(
        _ a: StoredJournal, _ b: StoredJournal
    ) throws(JournalComparison.NotComparable) -> JournalComparison {
        try JournalComparison(a, b)
    }

    @Test func cellsWhoseSlicesGotToDifferentLengthsAreNotComparable() throws {
        let a = toggle(1)
        var b = toggle(1, seed: 8)
        let cell = b.header.plan.suite.cells[0].name
        b.add(.sliceLength(.init(cell: cell, slice: 2_000_000_000)))
        let error = #expect(throws: JournalComparison.NotComparable.self) { try compare(a, b) }
        #expect(error?.reasons.count == 1)
        #expect(error?.reasons.first?.contains("slice length of \(cell)") == true)
    }

    @Test("runs of a program take their time, slices of a program have a length")
    func lengthsOfPrograms() {
        for (contract, isFree) in [("start", true), ("stay", false)] {
            var journals = [toggle(1), toggle(1, seed: 8)]
            for place in journals.indices {
                var cell = journals[place].header.plan.suite.cells[0]
                cell.workload = "command"
                cell.settings = [
                    "run": .words(["true"]), "metric": "json:ops", "better": "higher",
                    "contract": .text(contract),
                ]
                journals[place].header.plan.suite.cells[0] = cell
                let slice = 2_000_000_000 + place * 70_000_000
                journals[place].add(.sliceLength(.init(cell: cell.name, slice: slice)))
            }
            let found = JournalMismatch.lengths(journals[0], journals[1])
            #expect(found.isEmpty == isFree, "\(contract)")
        }
    }

    @Test func anotherEffectIsFoundByTheBlocks() throws {
        let comparison = try compare(toggle(1.02), toggle(1.08, seed: 8))
        #expect(comparison.kind == .effects)
        #expect(comparison.cells[0].outcome == .improved)
        #expect(comparison.exitCode == 0)
        #expect(abs(try #require(comparison.cells[0].effect) - 5.9) < 1)
        #expect(try compare(toggle(1.08), toggle(1.02, seed: 8)).exitCode == 3)
        #expect(try compare(toggle(1.03), toggle(1.03, seed: 8)).cells[0].outcome == .equivalent)
        #expect(try compare(toggle(1, noise: 0.3), toggle(1, seed: 8, noise: 0.3)).exitCode == 4)
    }

    @Test func figuresOfEmulatedGuestsAreLabelled() throws {
        for (accelerator, isEmulated) in [("kvm", false), ("tcg", true)] {
            let journals = [toggle(1.02), toggle(1.08, seed: 8)].map { journal in
                var journal = journal
                journal.header.plan.guest = GuestRecord(
                    image: "bzImage", accelerator: accelerator, metric: .time,
                    machine: "microvm", cpus: 2, memory: 1 << 30, nodes: 1, pins: [],
                    commandLine: "")
                return journal
            }
            let text = try compare(journals[0], journals[1]).text()
            #expect(text.contains("The guests were emulated.") == isEmulated)
        }
    }

    @Test func theTestIsWelchsOnTheEffects() throws {
        let a = toggle(1.02)
        let b = toggle(1.03, seed: 9)
        func effects(_ journal: StoredJournal) -> [Double] {
            CellBlocks(journal.blocks[0]).effects
        }
        let welch = try StudentT.welch(from: effects(a), to: effects(b))
        #expect(try compare(a, b).cells[0].p == welch.p)
    }

    @Test func oneKernelEachIsNotComparableAndTheRatioIsTold() throws {
        let comparison = try compare(
            JournalBuilder.run(operations: 1000), JournalBuilder.run(operations: 1200))
        #expect(comparison.exitCode == 5)
        #expect(comparison.cells[0].outcome == .invalid)
        #expect(comparison.cells[0].tags == ["not-comparable"])
        #expect(abs(try #require(comparison.cells[0].effect) - 20) < 1e-9)
        #expect(comparison.cells[0].p == nil)
        #expect(comparison.text().contains("Not comparable."))
        #expect(try comparison.json().at("cells.0.p_value") == nil)
    }

    @Test func eachMismatchIsRefusedByName() throws {
        let changes: [(String, (inout JournalHeader) -> Void)] = [
            ("suite", { $0.plan.suite.name = "other" }),
            (
                "workload of pipe/1w1r/64KiB/none",
                { $0.plan.suite.cells[0].settings["msgsize"] = 4096 }
            ),
            ("cells", { $0.plan.suite.cells[0].name = "pipe/other" }),
            ("slice length", { $0.plan.suite.slice = 250_000_000 }),
            ("guard", { $0.plan.suite.guardTime = 0 }), ("CPU count", { $0.host.cpus = 4 }),
            ("CPU model", { $0.host.cpuModel = "Another" }),
            ("architecture", { $0.host.machine = "aarch64" }),
            ("memory", { $0.host.memory = 1 << 30 }),
            ("version of plumbline", { $0.toolVersion = "9.9" }),
            ("knobs", { $0.plan.comparison?.knobs[0].b = "3" }),
            ("equivalence", { $0.plan.comparison?.equivalence = 0.05 }),
        ]
        let a = toggle(1)
        for (field, change) in changes {
            var b = a
            change(&b.header)
            let error = #expect(throws: JournalComparison.NotComparable.self) {
                try compare(a, b)
            }
            #expect(error?.reasons.first?.hasPrefix("the \(field) differs: ") == true, "\(field)")
        }
    }

    @Test func anotherKernelIsNoMismatch() throws {
        var b = toggle(1, seed: 8)
        b.header.host.kernelRelease = "7.2"
        b.header.host.buildID = "ff"
        #expect(try compare(toggle(1), b).cells.count == 1)
    }

    @Test func kernelsOfWhichOneZeroesWhatItAllocatesAreRefused() throws {
        func toggles(_ value: Int?) -> StoredJournal {
            var journal = toggle(1)
            journal.header.host.initOnAlloc = value
            return journal
        }
        let error = #expect(throws: JournalComparison.NotComparable.self) {
            try compare(toggles(1), toggles(0))
        }
        #expect(error?.reasons == ["the init_on_alloc of kernel differs: 1 and 0"])
        #expect(try compare(toggles(1), toggles(nil)).cells.count == 1)

        func booted(_ value: Int) -> StoredJournal {
            var journal = kernels()
            var host = JournalBuilder.host
            host.initOnAlloc = value
            journal.add(
                .round(
                    .init(round: 0, first: .a, hosts: [.a: JournalBuilder.host, .b: host], at: 1)))
            return journal
        }
        let guests = #expect(throws: JournalComparison.NotComparable.self) {
            try compare(booted(0), booted(1))
        }
        #expect(guests?.reasons == ["the init_on_alloc of arm B's kernel differs: 0 and 1"])
        var shown = booted(1)
        shown.header.plan.comparison?.arms.b.target = "guest"
        #expect(try VerdictReport(shown).text().contains(", init_on_alloc=1\n"))
    }

    /// A comparison of kernels, each in a guest of its own.
    private func kernels(
        rounds: Int = 8, seed: UInt64 = 7, change: JournalBuilder.Change = { _ in }
    ) -> StoredJournal {
        var builder = JournalBuilder(seed: seed)
        builder.journal.header.plan.kind = .ab
        builder.journal.header.plan.comparison?.knobs = []
        builder.journal.header.plan.comparison?.rounds = rounds
        let guest = GuestRecord(
            image: "/boot/vmlinuz", accelerator: "kvm", metric: .time, machine: "microvm", cpus: 2,
            memory: 1 << 30, nodes: 1, pins: [], commandLine: "")
        builder.journal.header.plan.comparison?.arms.a.guest = guest
        builder.journal.header.plan.comparison?.arms.b.guest = guest
        builder.add(24) { slice in
            slice.round = (slice.block ?? 0) * rounds / 24
            change(&slice)
        }
        return builder.ended()
    }

    @Test func kernelsInOtherGuestsAreRefusedByName() throws {
        typealias Arms = ComparisonRecord.Arms
        let changes: [(String, (inout Arms) -> Void)] = [
            ("pair of kernels", { $0.b.label = "7.2" }),
            ("arm A's guest's CPU count", { $0.a.guest?.cpus = 4 }),
            ("arm B's guest's memory", { $0.b.guest?.memory = 2 << 30 }),
            ("arm A's guest's accelerator", { $0.a.guest?.accelerator = "tcg" }),
            ("arm B's guest's machine", { $0.b.guest?.machine = "q35" }),
            ("arm A's guest's count of NUMA nodes", { $0.a.guest?.nodes = 2 }),
            ("arm B's guest", { $0.b.guest = nil }),
        ]
        #expect(try compare(kernels(), kernels(seed: 8)).cells.count == 1)
        for (field, change) in changes {
            var b = kernels()
            var arms = try #require(b.header.plan.comparison?.arms)
            change(&arms)
            b.header.plan.comparison?.arms = arms
            let error = #expect(throws: JournalComparison.NotComparable.self) {
                try compare(kernels(), b)
            }
            #expect(error?.reasons.count == 1)
            #expect(error?.reasons.first?.hasPrefix("the \(field) differs: ") == true, "\(field)")
        }
    }

    @Test func instructionsAreComparedWithinOneJournal() throws {
        var a = kernels()
        a.header.plan.metric = .instructions
        a.header.plan.comparison?.rule = .repeated
        let other = #expect(throws: JournalComparison.NotComparable.self) {
            try compare(a, kernels())
        }
        #expect(other?.reasons == ["the metric differs: instructions and time"])
        let error = #expect(throws: JournalComparison.NotComparable.self) { try compare(a, a) }
        #expect(error?.reasons == ["instructions are compared within one journal"])
    }

    @Test func roundsAreTheUnitsOfBoth() throws {
        // Each boot of B has a rate of its own.
        let boots: JournalBuilder.Change = { slice in
            if slice.arm == .b { slice.operations += 600 * UInt64(slice.round ?? 0) }
        }
        let (a, b) = (kernels(change: boots), kernels(rounds: 6, seed: 8, change: boots))
        let comparison = try compare(a, b)
        let units = try [a, b].map { try Units(CellBlocks($0.blocks[0]).observations).values }
        #expect(units.map(\.count) == [8, 6])
        let welch = try StudentT.welch(from: units[0], to: units[1])
        #expect(comparison.cells[0].p == welch.p)
        #expect(comparison.text().contains("n=8"))
        #expect(comparison.text().contains("n: rounds of boots."))
    }

    @Test func fewerThanFiveRoundsInOneOfThemDecideNothing() throws {
        let far: JournalBuilder.Change = { if $0.arm == .b { $0.operations *= 2 } }
        let comparison = try compare(kernels(), kernels(rounds: 4, seed: 8, change: far))
        #expect(comparison.cells[0].outcome == .inconclusive)
        let words = comparison.text().split(whereSeparator: \.isWhitespace)
        #expect(words.joined(separator: " ").contains("a verdict needs 5 rounds of boots in each"))
        #expect(try compare(kernels(), kernels(seed: 8, change: far)).exitCode == 0)
    }

    @Test func oneArmAndTwoAreRefused() throws {
        let run = JournalBuilder.run(operations: 5)
        #expect(throws: JournalComparison.NotComparable.self) { try compare(toggle(1), run) }
        #expect(throws: JournalComparison.NotComparable.self) { try compare(run, toggle(1)) }
    }

    @Test func aMissingArmOrAFailureIsInvalid() throws {
        var b = toggle(1, seed: 8)
        b.slices.removeAll { $0.arm == .b }
        #expect(try compare(toggle(1), b).exitCode == 5)
        var c = toggle(1, seed: 8)
        c.add(
            .cellFailed(
                .init(
                    cell: c.header.plan.suite.cells[0].name, arm: .a, number: 99,
                    error: .failure("x"))
            ))
        #expect(try compare(toggle(1), c).cells[0].error?.message == "x")
    }

    @Test func zeroRatesAreInvalid() throws {
        var builder = JournalBuilder()
        builder.add(10) { $0.operations = 0 }
        #expect(try compare(toggle(1), builder.ended()).cells[0].outcome == .invalid)
    }
}
