// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Machine

@Suite struct ReclaimStacksTests {
    /// From a guest with Linux 6.12: direct reads by io_uring in a memory cgroup at its limit. The
    /// first histogram and the totals are as they were; of the stacks some are left out.
    private static let text = """
        # event histogram
        #
        # trigger info: hist:keys=common_pid:vals=hitcount:memcg_at=common_timestamp.usecs:sort=hitcount:size=8192:clock=global
        #

        { common_pid:        114 } hitcount:          8
        { common_pid:        111 } hitcount:       7803

        Totals:
            Hits: 7811
            Entries: 2
            Dropped: 0


        # event histogram
        #
        # trigger info: hist:keys=common_pid,common_stacktrace:vals=hitcount:sort=hitcount:size=4096 [active]
        #

        { common_pid:        114, common_stacktrace:
                 try_charge_memcg+0x19b/0x640
                 obj_cgroup_charge+0x75/0x190
                 __memcg_slab_post_alloc_hook+0xd8/0x3a0
                 kmem_cache_alloc_bulk_noprof+0x3da/0x450
                 __io_alloc_req_refill+0x4d/0x140
                 io_submit_sqes+0x430/0x7e0
                 __x64_sys_io_uring_enter+0x477/0x630
                 do_syscall_64+0x82/0x170
                 entry_SYSCALL_64_after_hwframe+0x76/0x7e
        } hitcount:          1
        { common_pid:        114, common_stacktrace:
                 try_charge_memcg+0x19b/0x640
                 __mem_cgroup_charge+0x42/0xd0
                 do_anonymous_page+0x213/0x970
                 __handle_mm_fault+0xafb/0x1060
                 handle_mm_fault+0x18b/0x2e0
                 __get_user_pages+0x1c9/0x1070
                 populate_vma_page_range+0x7c/0xc0
                 __mm_populate+0x101/0x190
                 do_mlock+0x18d/0x2e0
                 __x64_sys_mlock+0x1b/0x30
                 do_syscall_64+0x82/0x170
                 entry_SYSCALL_64_after_hwframe+0x76/0x7e
        } hitcount:          2
        { common_pid:        111, common_stacktrace:
                 try_charge_memcg+0x19b/0x640
                 obj_cgroup_charge+0x75/0x190
                 __memcg_slab_post_alloc_hook+0xd8/0x3a0
                 kmem_cache_alloc_lru_noprof+0x2dd/0x300
                 xas_nomem+0x33/0x90
                 __filemap_add_folio+0x270/0x440
                 filemap_add_folio+0x89/0xe0
                 page_cache_ra_unbounded+0x138/0x1f0
                 filemap_get_pages+0x53a/0x6d0
                 filemap_read+0xf2/0x360
                 vfs_read+0x245/0x370
                 __x64_sys_pread64+0x98/0xd0
                 do_syscall_64+0x82/0x170
                 entry_SYSCALL_64_after_hwframe+0x76/0x7e
        } hitcount:          1
        { common_pid:        111, common_stacktrace:
                 try_charge_memcg+0x19b/0x640
                 __mem_cgroup_charge+0x42/0xd0
                 filemap_add_folio+0x47/0xe0
                 page_cache_ra_unbounded+0x138/0x1f0
                 filemap_get_pages+0x53a/0x6d0
                 filemap_read+0xf2/0x360
                 vfs_read+0x245/0x370
                 __x64_sys_pread64+0x98/0xd0
                 do_syscall_64+0x82/0x170
                 entry_SYSCALL_64_after_hwframe+0x76/0x7e
        } hitcount:       3025

        Totals:
            Hits: 3028
            Entries: 4
            Dropped: 0
        """
    /// A stack of reclaim for the machine, with the compiler's suffix; made up from the sources.
    private static let machine = """
        # trigger info: hist:keys=common_pid,common_stacktrace:vals=hitcount:sort=hitcount:size=4096 [active]
        { common_pid:         75, common_stacktrace:
                 __alloc_pages_slowpath.constprop.0+0x2/0x3
                 __alloc_pages_noprof+0x2/0x3
                 alloc_pages_mpol_noprof+0x2/0x3
                 allocate_slab+0x1/0x2
                 ___slab_alloc+0x1/0x2
                 __kmalloc_cache_noprof+0x1/0x2
                 __iomap_dio_rw+0x1/0x2
                 iomap_dio_rw+0x1/0x2
        } hitcount:          4
        { common_pid:         75, common_stacktrace:
                 __alloc_pages_slowpath.constprop.0+0x2/0x3
                 kmem_cache_alloc_noprof+0x1/0x2
                 bio_alloc_bioset+0x1/0x2
                 __iomap_dio_rw+0x1/0x2
        } hitcount:         10
        """

    @Test func aRecordedStackCountsForTheAllocatorsCaller() {
        func count(_ name: String) -> [Int32: Int64]? {
            ReclaimStacks.parse(Self.text, callers: [name])
        }
        #expect(count("__io_alloc_req_refill") == [114: 1])
        #expect(count("do_anonymous_page") == [114: 2])
        #expect(count("filemap_add_folio") == [111: 3025])
        #expect(count("xas_nomem") == [111: 1])
        #expect(count("__iomap_dio_rw") == [:])
    }

    @Test func onlyTheInnermostCallerOfTheAllocatorCounts() {
        let callers: Set = ["__iomap_dio_rw", "iomap_dio_alloc"]
        #expect(ReclaimStacks.parse(Self.machine, callers: callers) == [75: 4])
        #expect(ReclaimStacks.parse(Self.machine, callers: ["bio_alloc_bioset"]) == [75: 10])
        #expect(ReclaimStacks.parse(Self.machine, callers: ["iomap_dio_rw"]) == [:])
    }

    @Test func droppedStacksAreNotGuessed() {
        let parts = Self.text.split(separator: "Dropped: 0", omittingEmptySubsequences: false)
        let full = parts[0] + "Dropped: 0" + parts[1] + "Dropped: 1" + parts[2]
        #expect(ReclaimStacks.parse(String(full), callers: ["x"]) == nil)
        let other = parts[0] + "Dropped: 1" + parts[1] + "Dropped: 0" + parts[2]
        #expect(ReclaimStacks.parse(String(other), callers: ["x"]) == [:])
    }

    @Test func withoutTheHistogramNothingIsKnown() {
        #expect(ReclaimStacks.parse("", callers: ["x"]) == nil)
    }
}
