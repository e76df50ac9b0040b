// SPDX-License-Identifier: GPL-3.0-or-later
//
// Of cshims.h: memory, and atomics on what processes share.
#ifndef CSHIMS_MEMORY_H
#define CSHIMS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- memory (memory.c) ---------------------------------------------------------------------

// Anonymous mmap(2), page aligned, zeroed; *out is set on success.  A shared
// mapping stays common to parent and child after fork(2).
int32_t cshims_map(uint64_t bytes, bool shared, void **out);
int32_t cshims_unmap(void *address, uint64_t bytes);
// mprotect(2) with PROT_NONE: every access to it faults.
int32_t cshims_forbid(void *address, uint64_t bytes);
int32_t cshims_lock_memory(void *address, uint64_t bytes);  // mlock
// mlockall(2) of present and future pages, each when it is touched; needs CAP_SYS_RESOURCE,
// because it lifts RLIMIT_MEMLOCK first.
int32_t cshims_lock_process(void);
// Bytes this process holds from malloc (mallinfo2: in use in arenas + mmapped).
uint64_t cshims_heap_in_use(void);

// ---- atomics on shared memory --------------------------------------------------------------

static inline uint32_t cshims_load_relaxed(const uint32_t *p) {
  return __atomic_load_n(p, __ATOMIC_RELAXED);
}
static inline uint32_t cshims_load_acquire(const uint32_t *p) {
  return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}
static inline void cshims_store_release(uint32_t *p, uint32_t value) {
  __atomic_store_n(p, value, __ATOMIC_RELEASE);
}
static inline uint32_t cshims_add(uint32_t *p, uint32_t value) {  // the new value
  return __atomic_add_fetch(p, value, __ATOMIC_ACQ_REL);
}
static inline uint64_t cshims_load64(const uint64_t *p) {
  return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}
static inline void cshims_store64(uint64_t *p, uint64_t value) {
  __atomic_store_n(p, value, __ATOMIC_RELEASE);
}
static inline uint64_t cshims_add64(uint64_t *p, uint64_t value) {  // the new value
  return __atomic_add_fetch(p, value, __ATOMIC_ACQ_REL);
}
static inline void cshims_spin_hint(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// futex(2) across processes: wait while *word == expected (timeout_ns 0 = no limit),
// wake up to `count` waiters.
int32_t cshims_futex_wait(uint32_t *word, uint32_t expected, uint64_t timeout_ns);
int32_t cshims_futex_wake(uint32_t *word, int32_t count);

#endif
