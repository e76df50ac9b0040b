// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Testing

@testable import Reports
@testable import Verdicts

/// What the kernels did, beside a verdict.
@Suite struct MechanismTests {
    private static let cell = "pipe/1w1r/64KiB/none"

    /// A cell with three traced slices an arm: 14 pages an operation, on B 8 of them before the mutex.
    static func traced() throws -> VerdictReport {
        var builder = JournalBuilder(cells: [cell], rule: .fixed, blocks: 8)
        builder.add(8, effect: 1.1)
        for arm in Arm.allCases {
            let slices = (0..<3).map { number in
                var slice = JournalBuilder.slice(cell, UInt64(9000 + number))
                slice.mechanism = MechanismRecord(
                    counts: [
                        MechanismCount(.pages, 14, per: 1000),
                        MechanismCount(.pages, of: "pipe_write", 13.9, per: 1000),
                        MechanismCount(.pages, of: "do_fault", 0.1, per: 1000),
                        MechanismCount(.lockedPages, arm == .a ? 14 : 6, per: 1000),
                        MechanismCount(.kmallocs, 0, per: 1000),
                        MechanismCount(.waits, 4000 + 100 * Double(number), per: 1000),
                        MechanismCount(.waitTime, 38.5 + Double(number), per: 1000),
                        MechanismCount(
                            .otherReclaims, arm == .a ? 0 : 12 + Double(number), per: 1000),
                    ], waits: (1...100).map { $0 * (arm == .a ? 1000 : 600) })
                return slice
            }
            var mechanism = CellMechanism(cell: cell, arm: arm, slices)
            mechanism.time = 2_000_000_000
            if arm == .b { mechanism.voids = ["unpressured": 1] }
            builder.journal.add(.mechanism(mechanism))
        }
        var journal = builder.ended()
        journal.ending?.at = journal.header.startedAt + 24_000_000_000
        return try VerdictReport(journal)
    }

    private func slice(_ counts: [MechanismCount], waits: [UInt64] = [], dropped: Int = 0)
        -> SliceRecord
    {
        var slice = JournalBuilder.slice(Self.cell, 1000)
        slice.mechanism = MechanismRecord(counts: counts, waits: waits, dropped: dropped)
        return slice
    }

    private func comparison(_ a: [SliceRecord], _ b: [SliceRecord]) throws -> MechanismComparison {
        let traced = [
            CellMechanism(cell: Self.cell, arm: .a, a), CellMechanism(cell: Self.cell, arm: .b, b),
        ]
        return try #require(MechanismComparison(Self.cell, in: traced, rates: [nil, nil]))
    }

    @Test("a cell that was not traced has no mechanism, in no format")
    func absent() throws {
        var builder = JournalBuilder(cells: [Self.cell], blocks: 8)
        builder.add(8)
        let report = try VerdictReport(builder.ended())
        #expect(report.cells[0].mechanism == nil)
        for name in ["text", "json", "html", "lkml"] {
            let format = try #require(ReportFormat(named: name))
            let text = try format.renderer.render(report, style: .plain)
            #expect(!text.contains("traced slices"))
            #expect(!text.contains(#""mechanism":"#))
        }
    }

    @Test("values that do not vary are exact, and others have an interval")
    func intervals() throws {
        let found = try comparison(
            [1.0, 2, 3].map {
                slice([.init(.pages, 14, per: 1000), .init(.kmallocs, $0, per: 1000)])
            },
            [1.0, 2, 3].map {
                slice([.init(.pages, 6, per: 1000), .init(.kmallocs, $0, per: 1000)])
            })
        let pages = try #require(found[.pages])
        #expect(pages.figures.map { $0?.interval } == [nil, nil])
        #expect(pages.text == "pages allocated: 14.0 -> 6.00 pages/op (-8.00)")
        let kmallocs = try #require(found[.kmallocs]?.figures[0])
        let interval = try #require(kmallocs.interval)
        // t(0.975, 2) / sqrt(3).
        #expect(abs(interval.upper - 2 - 2.484) < 0.001)
    }

    @Test("a function that one arm does not name had no part there")
    func functions() throws {
        func slices(_ function: String) -> [SliceRecord] {
            let slice = slice([
                .init(.pages, 14, per: 1000), .init(.pages, of: function, 14, per: 1000),
            ])
            return [slice, slice]
        }
        let found = try comparison(slices("pipe_write"), slices("anon_pipe_write"))
        let row = try #require(found.rows.first { $0.function == "pipe_write" })
        #expect(row.difference == .init(value: -14, interval: nil))
    }

    @Test("a quantity that one arm does not count is absent there, and not 0")
    func uncounted() throws {
        let found = try comparison([slice([.init(.pages, 14, per: 1000)])], [slice([])])
        let row = try #require(found[.pages])
        #expect(row.figures[1] == nil)
        #expect(row.difference == nil)
        #expect(row.text == "pages allocated: 14.0 -> - pages/op")
    }

    @Test("slices in which events were dropped count for nothing, and it is said")
    func dropped() throws {
        let found = try comparison(
            [slice([], dropped: 9)], [slice([], dropped: 0), slice([.init(.pages, 3, per: 1000)])])
        #expect(found.arms[0]?.slices == 0)
        #expect(found.arms[0]?.dropped == 9)
        #expect(found.arms[1]?.slices == 2)
        let none = try comparison([slice([], dropped: 9)], [slice([], dropped: 1)])
        #expect(none.heading == "mechanism: not counted, the kernel dropped 10 events")
    }

    @Test("a slice in which nothing completed counts for nothing, and is not taken for zeros")
    func empty() throws {
        var idle = slice([])
        idle.operations = 0
        let found = try comparison([idle, slice([.init(.structures, 1, per: 1000)])], [idle])
        #expect(found.arms.map { $0?.slices } == [1, 0])
        #expect(found[.structures]?.figures[0]?.mean == 1)
        #expect(found.heading.contains("(A 1, B 0 traced slices"))
        let none = try comparison([idle], [idle])
        #expect(none.heading.contains("no operation completed while it was traced"))
    }

    @Test("a hit rate is of the slices that have such requests, and is shown where it is 0")
    func hits() throws {
        let found = try comparison(
            [
                slice([.init(.softirqHits, 0, per: 1000)]),
                slice([.init(.softirqHits, 0, per: 1000)]),
            ],
            [
                slice([.init(.softirqHits, 80, per: 1000), .init(.taskHits, 100, per: 1000)]),
                slice([]),
            ])
        #expect(found[.softirqHits]?.figures.map { $0?.mean } == [0, 80])
        #expect(found.shownRows.map(\.quantity) == [.taskHits, .softirqHits])
        let zero = try comparison([slice([.init(.softirqHits, 0, per: 1000)])], [slice([])])
        #expect(
            zero.shownRows.map(\.text) == [
                "structure cache hits, softirq, same CPU: 0 -> -%"
            ])
    }

    @Test("a slab cache that an arm does not use has no hit rate there")
    func slabs() throws {
        func counts(_ cache: String) -> [SliceRecord] {
            [
                slice([
                    .init(.slabHits, 100, per: 1000), .init(.slabHits, of: cache, 100, per: 1000),
                ])
            ]
        }
        let found = try comparison(counts("kmalloc-96"), counts("iomap_dio"))
        #expect(
            found.shownRows.map(\.text) == [
                "slab fast path: 100 -> 100%", "slab fast path in kmalloc-96: 100 -> -%",
                "slab fast path in iomap_dio: - -> 100%",
            ])
    }

    @Test("where workers reclaim, the report says that no structure was the cause")
    func structureReclaims() throws {
        let busy = slice([
            .init(.workerReclaims, 40, per: 1000), .init(.structureReclaims, 0, per: 1000),
        ])
        let found = try comparison([busy, busy], [busy, busy])
        #expect(
            found.shownRows.last?.text
                == "direct reclaims for direct I/O structures: 0 -> 0/s (=)")
        let idle = slice([
            .init(.workerReclaims, 0, per: 1000), .init(.structureReclaims, 0, per: 1000),
        ])
        #expect(try comparison([idle], [idle]).shownRows.isEmpty)
    }

    @Test("a kernel that does not show its locks is named, where pages were allocated")
    func locks() throws {
        let pages = slice([.init(.pages, 14, per: 1000)])
        #expect(try comparison([pages], [pages]).notes.first?.contains("FUNCTION_TRACER") == true)
        let locked = slice([.init(.pages, 14, per: 1000), .init(.lockedPages, 0, per: 1000)])
        #expect(try comparison([pages], [locked]).notes.isEmpty)
        #expect(try comparison([slice([])], [slice([])]).notes.isEmpty)
    }

    private func row(_ a: [Double], _ b: [Double]) throws -> MechanismComparison.Row {
        func slices(_ values: [Double]) -> [SliceRecord] {
            values.map { slice([.init(.kmallocs, $0, per: 1000)]) }
        }
        return try #require(comparison(slices(a), slices(b))[.kmallocs])
    }

    @Test("a difference is told where its Welch interval does not contain 0, and else not")
    func differences() throws {
        #expect(
            try row([1, 1.01, 0.99], [3, 3.01, 2.99]).text
                == "kmallocs: 1.00 ± 0.025 -> 3.00 ± 0.025/op (+2.00 ± 0.023)")
        let open = try row([1, 2, 3], [1.5, 2.5, 3.5])
        #expect(open.text == "kmallocs: 2.00 ± 2.48 -> 2.50 ± 2.48/op (~)")
        // t(0.975, 4) · √(2/3).
        let interval = try #require(open.difference?.interval)
        #expect(abs(interval.upper - 0.5 - 2.267) < 0.001)
        #expect(open.difference?.isShown == false)
        #expect(try row([2, 2, 2], [2, 2, 2]).change == "=")
        #expect(try row([2, 2, 2], [2, 2, 2.01]).change == "~")
        #expect(try row([2, 2, 2], [0, 0, 0]).change == "-2.00")
        #expect(try row([0, 0, 0], [5, 6, 7]).change == "+6.00 ± 2.48")
        // One slice shows how much, and not whether it is more.
        #expect(try row([2], [3, 3, 3]).text == "kmallocs: 2.00 -> 3.00/op")
        #expect(try row([2], [3, 3, 3]).difference == nil)
    }

    @Test("the mean for an operation is all that was counted, divided by all operations")
    func weights() throws {
        let slices = [
            slice([.init(.kmallocs, 10, per: 100)]), slice([.init(.kmallocs, 20, per: 300)]),
        ]
        let figure = try #require(comparison(slices, slices)[.kmallocs]?.figures[0])
        // (10 · 100 + 20 · 300) / 400.
        #expect(figure.mean == 17.5)
        #expect(figure.interval != nil)
    }

    private func small(_ operations: UInt64) -> SliceRecord {
        var small = slice([
            .init(.kmallocs, 7, per: Double(operations)), .init(.waits, 40, per: 1e6),
        ])
        small.operations = operations
        return small
    }

    @Test("a slice with fewer than 50 operations gives no count for an operation, and it is said")
    func floor() throws {
        let whole = [small(50), small(50)]
        #expect(try comparison(whole, whole)[.kmallocs]?.figures[0]?.mean == 7)
        #expect(try comparison(whole, whole).notes.isEmpty)
        let few = [small(49), small(49)]
        let none = try comparison(few, whole)
        #expect(none[.kmallocs]?.figures[0] == nil)
        #expect(none[.waits]?.figures[0]?.mean == 40)
        #expect(none.notes.first?.contains("A: not shown; fewer than 50") == true)
        let some = try comparison(whole, [small(49), small(60)])
        #expect(some[.kmallocs]?.figures[1]?.mean == 7)
        #expect(some.notes.first?.contains("B: without 1 slice, in") == true)
    }

    @Test("a part of fewer than 50 requests is not told")
    func smallParts() throws {
        let slices = [
            slice([.init(.softirqHits, 100, per: 49), .init(.taskHits, 100, per: 50)])
        ]
        let found = try comparison(slices, slices)
        #expect(found.rows.map(\.quantity) == [.taskHits])
    }

    @Test("what a slice does not know is not 0 there")
    func unknown() throws {
        let slices = [
            slice([
                .init(.workerReclaims, 40, per: 1), .init(.workerReclaims, of: "a", 40, per: 1),
                .init(.structureReclaims, 3, per: 1),
            ]),
            // Without a stack.
            slice([.init(.workerReclaims, 20, per: 1)]),
            // Without a reclaim.
            slice([.init(.workerReclaims, 0, per: 1), .init(.structureReclaims, 0, per: 1)]),
        ]
        let counts = CellMechanism(cell: Self.cell, arm: .a, slices).counts
        #expect(counts.first { $0.quantity == .structureReclaims }?.values == [3, 0])
        #expect(counts.first { $0.function == "a" }?.values == [40, 0])
        #expect(counts.first { $0.function == nil }?.values == [40, 20, 0])
    }

    @Test("void slices and dropped events are told beside what was counted")
    func flaws() throws {
        var void = slice([.init(.kmallocs, 1, per: 1000)])
        void.validity = Validity([.unpressured: "x"])
        let found = try comparison([void, void], [void, slice([], dropped: 1)])
        #expect(found.arms.map { $0?.slices } == [2, 1])
        #expect(
            found.notes == [
                "2 slices of A counted, although void each time: unpressured",
                "1 slice of B counted, although void each time: unpressured",
                "further slices of B are left out: the kernel dropped 1 event",
            ])
        #expect((found.html["remarks"] as? [PageContext])?.count == 3)
    }

    @Test("where tasks reclaim, the report says that no wait was for it")
    func waitsBesideReclaim() throws {
        func slices(_ reclaims: Double) -> [SliceRecord] {
            [slice([.init(.waitsInReclaim, 0, per: 9), .init(.hogReclaims, reclaims, per: 9)])]
        }
        let quantities = try comparison(slices(5), slices(0)).shownRows.map(\.quantity)
        #expect(quantities == [.waitsInReclaim, .hogReclaims])
        #expect(try comparison(slices(0), slices(0)).shownRows.isEmpty)
    }

    @Test("the report says how long tracing took, and how much longer it made the experiment")
    func time() throws {
        var builder = JournalBuilder(cells: [Self.cell], blocks: 8)
        builder.add(8)
        for arm in Arm.allCases {
            var traced = CellMechanism(cell: Self.cell, arm: arm, [slice([])])
            traced.time = 10_000_000_000
            builder.journal.add(.mechanism(traced))
        }
        var journal = builder.ended()
        journal.ending?.at = journal.header.startedAt + 120_000_000_000
        let report = try VerdictReport(journal)
        #expect(report.tracing?.text == "Tracing took 20 s, which made the experiment 20% longer.")
        journal.resumptions = [.init(at: 1, host: journal.header.host)]
        #expect(try VerdictReport(journal).tracing?.text == "Tracing took 20 s.")
    }

    @Test("the p99 of waits is each slice's where all have 100 of them, and varies as others do")
    func percentiles() throws {
        let slices = [1, 2].map { factor in slice([], waits: (1...100).map { $0 * factor }) }
        let traced = CellMechanism(cell: Self.cell, arm: .a, slices)
        #expect(traced.counts.first { $0.quantity == .waitP99 }?.values == [99, 198])
        let figure = try comparison(slices, slices)[.waitP99]?.figures[0]
        #expect(figure?.mean == 148.5)
        #expect(figure?.interval != nil)
    }

    @Test("with fewer it is a wait that was seen, of all of them, and needs 100")
    func percentile() throws {
        let many = CellMechanism(
            cell: Self.cell, arm: .a,
            [slice([], waits: Array(1...60)), slice([], waits: Array(61...100))])
        #expect(many.counts.first { $0.quantity == .waitP99 }?.values == [99])
        let few = CellMechanism(cell: Self.cell, arm: .a, [slice([], waits: Array(1...99))])
        #expect(few.counts.isEmpty)
    }
}
