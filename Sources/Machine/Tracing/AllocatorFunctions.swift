// SPDX-License-Identifier: GPL-3.0-or-later

/// The kernel's functions that allocate memory for others, and those of the tracing itself: the first
/// function of a stack that is none of them is the one that wanted the memory.
package enum AllocatorFunctions {
    /// Parts of their names.
    ///
    /// In Linux 6.12 and 7.2 they find, innermost first: `try_to_free_pages` and
    /// `try_to_free_mem_cgroup_pages` (mm/vmscan.c); `__alloc_pages_direct_reclaim`,
    /// `__alloc_pages_slowpath`, `__alloc_pages_noprof`, `__alloc_frozen_pages_noprof`,
    /// `get_page_from_freelist`, `get_free_pages_noprof` (mm/page_alloc.c); `alloc_pages_mpol`,
    /// `alloc_pages_noprof`, `alloc_frozen_pages_noprof`, `folio_alloc_noprof`,
    /// `vma_alloc_folio_noprof` (mm/mempolicy.c); `try_charge_memcg`, `obj_cgroup_charge`,
    /// `charge_memcg` (mm/memcontrol.c); `alloc_slab_page`, `allocate_slab`, `new_slab`,
    /// `___slab_alloc`, `__slab_alloc`, `__memcg_slab_post_alloc_hook`, `alloc_slab_obj_exts`,
    /// `refill_sheaf`, `__refill_objects_node`, `refill_objects`, `__pcs_replace_empty_main`,
    /// `alloc_full_sheaf`, `alloc_from_pcs`, `kmem_cache_alloc_noprof`,
    /// `kmem_cache_alloc_lru_noprof`, `__kmalloc_noprof`, `__kmalloc_cache_noprof`,
    /// `__do_kmalloc_node` (mm/slub.c).
    private static let parts = [
        "try_to_free_", "reclaim", "alloc_pages", "alloc_frozen_pages", "charge", "slab", "sheaf",
        "refill_objects", "_pcs", "kmem_cache_alloc", "kmalloc", "get_page_from_freelist",
        "get_free_pages", "folio_alloc_noprof", "vma_alloc_folio",
    ]
    private static let tracing = ["trace_event", "traceiter", "trigger", "trace_stack", "ftrace"]

    /// Whether a function is one of them.
    package static func contain(_ name: some StringProtocol) -> Bool {
        isTracing(name) || parts.contains(where: name.contains)
    }

    /// Whether a function is one of the tracing itself.
    package static func isTracing(_ name: some StringProtocol) -> Bool {
        tracing.contains(where: name.contains)
    }
}
