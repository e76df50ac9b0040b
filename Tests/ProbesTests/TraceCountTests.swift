// SPDX-License-Identifier: GPL-3.0-or-later

import Machine
import Testing

@testable import Probes

@Suite("Counts of a trace") struct TraceCountTests {
    private func lines(
        _ bodies: String..., thread: Int = 7, flags: String = "....."
    ) -> [TraceLine] {
        TraceLine.all(
            in: bodies.map { " a-\(thread) [000] \(flags) 1.0: \($0)\n" }.joined())
    }

    private let page = "mm_page_alloc: page=1 pfn=0x1 order=0 gfp_flags=GFP_HIGHUSER|__GFP_ACCOUNT"

    @Test("pages are those of pipes, and those between a thread's lock and unlock are under a lock")
    func pages() {
        let trace =
            lines(page, "mutex_lock <-w", page, page) + lines(page, thread: 8)
            + lines(
                "mutex_unlock <-w", page,
                "mm_page_alloc: page=2 pfn=0x2 order=0 gfp_flags=GFP_KERNEL|__GFP_ZERO",
                "mm_page_free: page=1 pfn=0x1 order=0",
                "mm_page_free: page=3 pfn=0x3 order=0")
        #expect(
            PipeTrace.counts(in: trace, followsLock: true)
                == PipeTrace.Counts(allocated: 5, locked: 2, freed: 1))
        #expect(
            PipeTrace.counts(in: trace, followsLock: false)
                == PipeTrace.Counts(allocated: 5, locked: nil, freed: 1))
    }

    @Test("an allocation that failed has no page, and a lock that was only tried is none")
    func failures() {
        let none = page.replacing("pfn=0x1", with: "pfn=0x0")
        let trace = lines(
            none, "mutex_lock <-pipe_write", page, "mutex_unlock <-try_charge_memcg",
            "mutex_lock_killable <-mem_cgroup_out_of_memory", none,
            "mutex_unlock <-pipe_write", "mm_page_free: page=1 pfn=0x1 order=0", none)
        #expect(
            PipeTrace.counts(in: trace, followsLock: true)
                == PipeTrace.Counts(
                    allocated: 1, locked: 1, freed: 1, failed: 3, failedLocked: 1))
    }

    @Test("a mark cuts a trace by time")
    func marks() {
        let trace = ["1.000001", "2.000000", "2.000001"].flatMap {
            TraceLine.all(in: " a-7 [000] ..... \($0): \(page)\n")
        }
        #expect(TraceMark(nanoseconds: 2_000_000_500).before(trace) == Array(trace[..<2]))
        #expect(TraceMark(nanoseconds: 0).before(trace).isEmpty)
    }

    @Test("structures are those that iomap's functions allocate and free")
    func structures() {
        let trace =
            lines(
                "kmalloc: call_site=__iomap_dio_rw+0x6c/0x7a0 ptr=1 bytes_req=96",
                "kmalloc: call_site=io_alloc+0x6c/0x7a0 ptr=2 bytes_req=96",
                "kmem_cache_alloc: call_site=iomap_dio_alloc+0x1/0x2 ptr=3 bytes_req=96",
                "kmem_cache_free: call_site=iomap_dio_complete+0x1/0x2 ptr=3 name=iomap_dio")
            + lines("kfree: call_site=iomap_dio_complete+0x1/0x2 ptr=1", flags: "d.h1.")
            + lines("iomap_dio_complete: dev 1:0 ino 0x1", flags: "d.h1.")
        let counts = DirectTrace.counts(in: trace)
        #expect(counts.kmalloc == 1 && counts.cache == 1 && counts.freed == 2)
        #expect(counts.held == 0)
        #expect(counts.allocated == 2 && counts.completions == [.hardirq: 1])
    }
}
