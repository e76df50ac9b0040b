// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol
import Testing

@testable import Agent

/// What the agent counts in a trace.
@Suite struct MechanismTraceTests {
    private func record(
        of name: String, worker event: TracedEvent, operations: UInt64 = 1
    ) throws -> MechanismRecord {
        let sample = try TraceSample(name)
        let worker = try #require(sample.thread(with: event))
        return sample.trace().record(
            of: .init(
                window: 0 ... .max - 1, operations: operations, workers: [worker],
                requestAllocators: ["__iomap_dio_rw"]))
    }

    private func value(
        _ quantity: MechanismCount.Quantity, of function: String? = nil,
        in record: MechanismRecord
    ) -> Double? {
        record.counts.first { $0.quantity == quantity && $0.function == function }?.value
    }

    /// What is counted of the process that writes two times 64 KiB.
    private func writer(_ name: String) throws -> MechanismRecord {
        let sample = try TraceSample(name)
        let lock = TraceLine.all(in: sample.text).last {
            $0.event == "mutex_lock" && $0.text.hasSuffix("pipe_write")
        }
        let worker = try #require(lock?.thread)
        return sample.trace().record(
            of: .init(window: 0 ... .max - 1, operations: 2, workers: [worker]))
    }

    @Test("6.12 allocates the pages of a write under the pipe's mutex, 7.2 some before it")
    func pagesUnderTheMutex() throws {
        let old = try writer("6.12-pipe")
        let new = try writer("7.2-pipe")
        // Two writes of 16 pages, less a page that the pipe kept.
        #expect(try #require(value(.lockedPages, in: old)) >= 15)
        let locked = try #require(value(.lockedPages, in: new))
        #expect(locked < 12)
        #expect(try #require(value(.pages, in: new)) >= locked + 4)
    }

    @Test("pages are those of the function that wanted them, and not of an allocator")
    func sites() throws {
        let names = try writer("7.2-pipe").counts.filter { $0.quantity == .pages }
            .compactMap(\.function)
        #expect(names.contains("anon_pipe_write"))
        #expect(!names.contains { AllocatorFunctions.contain($0) })
    }

    @Test(
        "each direct read takes a structure, and completes in its own task",
        arguments: ["6.12", "7.2"])
    func structures(_ kernel: String) throws {
        let record = try record(of: "\(kernel)-dio", worker: .directBegin)
        #expect(value(.structures, in: record) == 1)
        #expect(value(.taskCompletions, in: record) == 100)
        #expect(value(.softirqCompletions, in: record) == 0)
        #expect(value(.otherCPUs, in: record) == 0)
        #expect(value(.kmallocs, of: "__iomap_dio_rw", in: record) == 20)
    }

    @Test("where events were dropped nothing is counted, and it says how many")
    func dropped() throws {
        var trace = try TraceSample("6.12-dio").trace()
        trace.dropped = 7
        let record = trace.record(of: .init(window: 0...1, operations: 5, workers: [1]))
        #expect(record.counts.isEmpty)
        #expect(record.dropped == 7)
    }

    private func event(
        _ event: TracedEvent, _ time: UInt64, thread: Int32, _ fields: UInt64...,
        cpu: Int = 0, context: TraceLine.Context = .task
    ) -> TraceRecord {
        var record = TraceRecord(
            nanoseconds: time, cpu: cpu, context: context, thread: thread, event: event.rawValue)
        record.fields = (
            fields.first ?? 0, fields.count > 1 ? fields[1] : 0, fields.count > 2 ? fields[2] : 0
        )
        return record
    }

    private func counts(
        _ records: [TraceRecord], hogs: Set<Int32> = [], window: ClosedRange<UInt64> = 0...1_000_000
    ) -> MechanismRecord {
        MechanismTrace(
            records: records, dropped: 0, events: Set(TracedEvent.allCases), followsLocks: false,
            symbols: nil
        ).record(of: .init(window: window, operations: 10, workers: [1, 2], hogs: hogs))
    }

    @Test("a wait lasts from its first begin to its end, and overlaps others' reclaim only")
    func waits() {
        let record = counts([
            event(.reclaimBegin, 50_000, thread: 1),
            event(.contentionBegin, 100_000, thread: 2, 0xa),
            // It spins, then sleeps: one wait.
            event(.contentionBegin, 150_000, thread: 2, 0xa),
            event(.contentionEnd, 160_000, thread: 2, 0xb),
            event(.groupReclaimBegin, 170_000, thread: 2),
            event(.groupReclaimEnd, 180_000, thread: 2, 3),
            event(.reclaimEnd, 200_000, thread: 1, 32),
            event(.contentionEnd, 300_000, thread: 2, 0xa),
            // Nobody of ours.
            event(.contentionBegin, 300_000, thread: 9, 0xa),
            event(.contentionEnd, 400_000, thread: 9, 0xa),
        ])
        #expect(record.waits == [200_000])
        #expect(value(.waits, in: record) == 1000)
        #expect(value(.waitTime, in: record) == 200)
        #expect(value(.waitsInReclaim, in: record) == 50)
        #expect(value(.workerReclaims, in: record) == 2000)
        #expect(value(.workerReclaimPages, in: record) == 35000)
    }

    @Test("direct reclaim is the workers', the hogs' or the others', within the slice only")
    func reclaims() {
        let record = counts(
            [
                event(.reclaimBegin, 10, thread: 1), event(.reclaimEnd, 20, thread: 1, 1),
                event(.reclaimBegin, 300_000, thread: 7),
                event(.reclaimEnd, 400_000, thread: 7, 5),
                event(.reclaimBegin, 300_000, thread: 8),
                event(.reclaimEnd, 500_000, thread: 8, 6),
                // Its beginning was not seen.
                event(.reclaimEnd, 600_000, thread: 2, 9),
            ], hogs: [7], window: 100...1_000_100)
        #expect(value(.workerReclaims, in: record) == 0)
        #expect(value(.hogReclaims, in: record) == 1000)
        #expect(value(.hogReclaimPages, in: record) == 5000)
        #expect(value(.otherReclaimPages, in: record) == 6000)
    }

    @Test("a completion is found by its place, in whatever task and context and on whatever CPU")
    func completions() {
        let record = counts([
            event(.directBegin, 10, thread: 1, 12, 0), event(.directBegin, 11, thread: 1, 12, 4096),
            event(.directBegin, 12, thread: 9, 13, 0),
            event(.directComplete, 20, thread: 0, 12, 4096, 4096, cpu: 1, context: .hardirq),
            event(.directComplete, 30, thread: 9, 12, 8192, 4096, context: .softirq),
            event(.directComplete, 40, thread: 9, 13, 4096, 4096),
        ])
        #expect(value(.hardirqCompletions, in: record) == 50)
        #expect(value(.softirqCompletions, in: record) == 50)
        #expect(value(.otherCPUs, in: record) == 50)
        #expect(value(.structures, in: record) == nil)
        #expect(value(.hardirqHitsElsewhere, in: record) == nil)
    }

    /// `__iomap_dio_rw` from 0x1000 on, and functions through which a reclaim is entered.
    private var symbols: KernelSymbols {
        KernelSymbols(
            Array(
                """
                1000 t __iomap_dio_rw
                2000 t bio_alloc_bioset
                3000 t __kmalloc_noprof
                4000 t try_to_free_pages
                5000 t end
                """.utf8))
    }

    private func request(_ records: [TraceRecord]) -> MechanismRecord {
        MechanismTrace(
            records: records, dropped: 0, events: Set(TracedEvent.allCases), followsLocks: false,
            symbols: symbols
        ).record(
            of: .init(
                window: 0...1_000_000, operations: 10, workers: [1, 2],
                requestAllocators: ["__iomap_dio_rw"]))
    }

    @Test("a request hits unless an allocator gave its structure, by context and CPU apart")
    func hits() {
        var records: [TraceRecord] = []
        for number in UInt64(0)..<8 {
            records.append(event(.directBegin, 10 + 10 * number, thread: 1, 12, 4096 * number))
            // A bio is no structure, and what another thread allocates is not this request's.
            records.append(event(.cacheAlloc, 11 + 10 * number, thread: 1, 0x2010))
            if number < 3 {
                records.append(event(.kmalloc, 12 + 10 * number, thread: 1, 0x1010))
            }
            records.append(
                event(
                    .directComplete, 500 + number, thread: 0, 12, 4096 * number + 4096, 4096,
                    cpu: number < 2 ? 1 : 0, context: number < 4 ? .hardirq : .softirq))
        }
        let record = request(records)
        #expect(value(.structures, in: record) == 0.375)
        #expect(value(.hardirqHitsElsewhere, in: record) == 0)
        #expect(value(.hardirqHits, in: record) == 50)
        #expect(value(.softirqHits, in: record) == 100)
        #expect(value(.taskHits, in: record) == nil)
        #expect(value(.softirqHitsElsewhere, in: record) == nil)
    }

    private func stack(_ time: UInt64, thread: Int32, _ addresses: UInt64...) -> TraceRecord {
        var record = event(.stack, time, thread: thread)
        record.stack = addresses
        return record
    }

    @Test(
        "functions share the pages that they took, and not their calls", arguments: [true, false])
    func pagesByFunction(stackIsFirst: Bool) throws {
        func page(_ time: UInt64, thread: Int32, order: UInt64, from site: UInt64) -> [TraceRecord]
        {
            let page = event(.pageAlloc, time, thread: thread, 0x100, order)
            let stack = stack(time, thread: thread, 0x3010, site)
            return stackIsFirst ? [stack, page] : [page, stack]
        }
        var interrupt = page(40, thread: 1, order: 5, from: 0x2010)
        for place in interrupt.indices { interrupt[place].context = .hardirq }
        var failed = page(50, thread: 1, order: 5, from: 0x2010)
        for place in failed.indices { failed[place].fields.0 = .max }
        // Two calls of 8 pages, and two of one, of two threads whose events alternate.
        let one = page(10, thread: 1, order: 3, from: 0x1010)
        let other = page(10, thread: 2, order: 0, from: 0x2010)
        let record = request(
            [one[0], other[0], one[1], other[1]] + page(20, thread: 1, order: 3, from: 0x1010)
                + page(30, thread: 2, order: 0, from: 0x2010) + interrupt + failed
                // Further ones without a stack.
                + [event(.pageAlloc, 60, thread: 1, 0x100, 1)])
        #expect(value(.pages, in: record) == 2)
        // 20 pages of 10 operations, shared as the 16 and the 2 whose stacks were taken.
        let shares = try [
            #require(value(.pages, of: "__iomap_dio_rw", in: record)),
            #require(value(.pages, of: "bio_alloc_bioset", in: record)),
        ]
        #expect(shares.map { ($0 * 1000).rounded() } == [1778, 222])
    }

    @Test("what a thread takes between the entries of a mutex's lock and unlock is under it")
    func underTheMutex() {
        let locks = KernelSymbols(
            Array("1000 t mutex_lock\n2000 t mutex_unlock\n3000 t pipe_write\n4000 t end".utf8))
        var records: [TraceRecord] = []
        for (step, time) in zip([0x1000, 0, 0x2000, 0] as [UInt64], [10, 20, 30, 40] as [UInt64]) {
            if step > 0 {
                records.append(event(.function, time, thread: 1, step, 0x3010))
            } else {
                for thread in [1, 2] as [Int32] {
                    records.append(event(.kmalloc, time, thread: thread, 0x3010))
                    records.append(event(.pageAlloc, time, thread: thread, 0x100, 2))
                }
            }
        }
        let record = MechanismTrace(
            records: records, dropped: 0, events: [], followsLocks: true, symbols: locks
        ).record(of: .init(window: 0...100, operations: 2, workers: [1, 2]))
        #expect(value(.pages, in: record) == 8)
        #expect(value(.lockedPages, in: record) == 2)
        #expect(value(.kmallocs, in: record) == 2)
        #expect(value(.lockedKmallocs, in: record) == 0.5)
    }

    @Test("in a real trace as well: shares are of the pages below whose line a stack is printed")
    func pagesOfOrders() throws {
        let sample = try TraceSample("6.12-pipe")
        var (pages, calls) = ([String: Int](), 0)
        var waiting: Int?
        for line in sample.text.split(separator: "\n") {
            if line.hasPrefix("=> "), let count = waiting {
                let name = String(line.dropFirst(3).prefix { $0 != "." })
                guard !AllocatorFunctions.contain(name) else { continue }
                pages[name, default: 0] += count
                calls += 1
                waiting = nil
            } else if let event = TraceLine(line), event.thread == 1 {
                if event.event == "<stack" { continue }
                waiting = event["order"].flatMap { Int($0) }.map { 1 << $0 }
            }
        }
        let sum = pages.values.reduce(0, +)
        #expect(sum > calls && calls > 10)
        let record = sample.trace().record(
            of: .init(window: 0 ... .max - 1, operations: 1, workers: [1]))
        let all = try #require(value(.pages, in: record))
        let named = record.counts.filter { $0.quantity == .pages && $0.function != nil }
        #expect(named.count > 2)
        for count in named {
            let share = Double(pages[try #require(count.function)] ?? 0) / Double(sum)
            #expect(abs(count.value / all - share) < 1e-9)
        }
    }

    @Test("a count says what it is told of: operations, requests, allocations, or nanoseconds")
    func bases() {
        func base(_ quantity: MechanismCount.Quantity, in record: MechanismRecord) -> Double? {
            record.counts.first { $0.quantity == quantity && $0.function == nil }?.base
        }
        let record = request([
            event(.directBegin, 10, thread: 1, 12, 0), event(.directBegin, 11, thread: 1, 12, 4096),
            event(.directComplete, 20, thread: 0, 12, 4096, 4096, context: .hardirq),
            event(.directComplete, 30, thread: 1, 12, 8192, 4096),
            event(.directBegin, 40, thread: 1, 12, 0),
            event(.contentionBegin, 100, thread: 2, 0xa),
            event(.contentionEnd, 350, thread: 2, 0xa),
        ])
        #expect(base(.pages, in: record) == 10)
        #expect(base(.kmallocs, in: record) == 10)
        #expect(base(.structures, in: record) == 3)
        #expect(base(.hardirqCompletions, in: record) == 2)
        #expect(base(.hardirqHits, in: record) == 1)
        #expect(base(.waits, in: record) == 1_000_000)
        #expect(base(.waitsInReclaim, in: record) == 250)
        #expect(base(.workerReclaims, in: record) == 1_000_000)
    }

    @Test("of more waits than a message holds every nth is kept, and the percentiles stay")
    func manyWaits() {
        let waits = (1...1000).map { UInt64($0) }
        #expect(MechanismTrace.thinned(waits, to: 1000) == waits)
        let some = MechanismTrace.thinned(waits, to: 999)
        #expect(some.count == 500)
        #expect(some[(99 * some.count + 99) / 100 - 1] == 990)
        #expect(some.last == 1000)
        #expect(MechanismTrace.thinned([]).isEmpty)
    }

    @Test(
        "a worker's reclaim has the function that entered it: how often, how long, how many pages")
    func reclaimFunctions() {
        let record = request([
            event(.reclaimBegin, 100_000, thread: 1),
            stack(100_001, thread: 1, 0x4010, 0x3010, 0x1010),
            event(.reclaimEnd, 200_000, thread: 1, 32),
            // The kernel may write the stack first.
            stack(300_000, thread: 2, 0x4010, 0x2010, 0x1010),
            event(.groupReclaimBegin, 300_001, thread: 2),
            event(.groupReclaimEnd, 300_001 + 50_000, thread: 2, 7),
        ])
        #expect(value(.workerReclaims, of: "__iomap_dio_rw", in: record) == 1000)
        #expect(value(.workerReclaimTime, of: "__iomap_dio_rw", in: record) == 100)
        #expect(value(.workerReclaimPages, of: "__iomap_dio_rw", in: record) == 32000)
        #expect(value(.workerReclaims, of: "bio_alloc_bioset", in: record) == 1000)
        #expect(value(.workerReclaimPages, of: "bio_alloc_bioset", in: record) == 7000)
        #expect(value(.structureReclaims, in: record) == 1000)
        #expect(value(.structureReclaimTime, in: record) == 100)
    }

    @Test("what the slab counts is told for all caches, and for those with a part in it")
    func slabs() {
        let counts = SlabStatistics(caches: [
            "iomap_dio": .init(fast: 870, slow: 10, refilled: 88),
            "bio-192": .init(fast: 100, slow: 0, refilled: 0), "io_kiocb": .init(fast: 20, slow: 0),
            "kmalloc-96": .init(fast: 0, slow: 0, refilled: 0),
        ]).counts
        #expect(
            counts == [
                MechanismCount(.slabHits, 99, per: 1000),
                MechanismCount(.sheafRefills, 8.8, per: 1000),
                MechanismCount(.slabHits, of: "bio-192", 100, per: 100),
                MechanismCount(.sheafRefills, of: "bio-192", 0, per: 100),
                MechanismCount(.slabHits, of: "iomap_dio", 100 * 870.0 / 880, per: 880),
                MechanismCount(.sheafRefills, of: "iomap_dio", 10, per: 880),
            ])
        #expect(SlabStatistics(caches: ["a": .init(fast: 0, slow: 0)]).counts.isEmpty)
    }

    @Test("without a reclaim, none was for a structure; without a stack, nobody knows")
    func structureReclaims() {
        #expect(value(.structureReclaims, in: request([])) == 0)
        let unknown = request([
            event(.reclaimBegin, 100, thread: 1), event(.reclaimEnd, 200, thread: 1, 32),
        ])
        #expect(value(.workerReclaims, in: unknown) == 1000)
        #expect(value(.structureReclaims, in: unknown) == nil)
    }
}
