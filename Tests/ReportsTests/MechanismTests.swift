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
                        MechanismCount(.pages, 14, per: 1000), MechanismCount(.pages, of: "pipe_write", 13.9, per: 1000),
                        MechanismCount(.pages, of: "do_fault", 0.1, per: 1000),
                        MechanismCount(.lockedPages, arm == .a ? 14 : 6, per: 1000),
                        MechanismCount(.kmallocs, 0, per: 1000),
                        MechanismCount(.waits, 4000 + 100 * Double(number), per: 1000),
                        MechanismCount(.waitTime, 38.5 + Double(number), per: 1000),
                        MechanismCount(.otherReclaims, arm == .a ? 0 : 12, per: 1000),
                    ], waits: (1...100).map { $0 * (arm == .a ? 1000 : 600) })
                return slice
            }
            builder.journal.add(.mechanism(CellMechanism(cell: cell, arm: arm, slices)))
        }
        return try VerdictReport(builder.ended())
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
            [1.0, 2, 3].map { slice([.init(.pages, 14, per: 1000), .init(.kmallocs, $0, per: 1000)]) },
            [1.0, 2, 3].map { slice([.init(.pages, 6, per: 1000), .init(.kmallocs, $0, per: 1000)]) })
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
        let found = try comparison(
            [slice([.init(.pages, 14, per: 1000), .init(.pages, of: "pipe_write", 14, per: 1000)])],
            [slice([.init(.pages, 14, per: 1000), .init(.pages, of: "anon_pipe_write", 14, per: 1000)])])
        let row = try #require(found.rows.first { $0.function == "pipe_write" })
        #expect(row.difference == -14)
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
            [slice([.init(.softirqHits, 0, per: 1000)]), slice([.init(.softirqHits, 0, per: 1000)])],
            [slice([.init(.softirqHits, 80, per: 1000), .init(.taskHits, 100, per: 1000)]), slice([])])
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
            [slice([.init(.slabHits, 100, per: 1000), .init(.slabHits, of: cache, 100, per: 1000)])]
        }
        let found = try comparison(counts("kmalloc-96"), counts("iomap_dio"))
        #expect(
            found.shownRows.map(\.text) == [
                "slab fast path: 100 -> 100% (+0)", "slab fast path in kmalloc-96: 100 -> -%",
                "slab fast path in iomap_dio: - -> 100%",
            ])
    }

    @Test("where workers reclaim, the report says that no structure was the cause")
    func structureReclaims() throws {
        let busy = slice([.init(.workerReclaims, 40, per: 1000), .init(.structureReclaims, 0, per: 1000)])
        let found = try comparison([busy], [busy])
        #expect(
            found.shownRows.last?.text
                == "direct reclaims for direct I/O structures: 0 -> 0/s (+0)")
        let idle = slice([.init(.workerReclaims, 0, per: 1000), .init(.structureReclaims, 0, per: 1000)])
        #expect(try comparison([idle], [idle]).shownRows.isEmpty)
    }

    @Test("a kernel that does not show its locks is named, where pages were allocated")
    func locks() throws {
        let pages = slice([.init(.pages, 14, per: 1000)])
        #expect(try comparison([pages], [pages]).missing?.contains("FUNCTION_TRACER") == true)
        let locked = slice([.init(.pages, 14, per: 1000), .init(.lockedPages, 0, per: 1000)])
        #expect(try comparison([pages], [locked]).missing == nil)
        #expect(try comparison([slice([])], [slice([])]).missing == nil)
    }

    @Test("the p99 of waits is a wait that was seen, and needs 100 of them")
    func percentile() throws {
        let many = CellMechanism(
            cell: Self.cell, arm: .a,
            [slice([], waits: Array(1...60)), slice([], waits: Array(61...100))])
        #expect(many.counts.first { $0.quantity == .waitP99 }?.values == [99])
        let few = CellMechanism(cell: Self.cell, arm: .a, [slice([], waits: Array(1...99))])
        #expect(few.counts.isEmpty)
    }
}
