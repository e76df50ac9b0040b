// SPDX-License-Identifier: GPL-3.0-or-later
//
// Of cshims.h: clocks, counters and checksums.
#ifndef CSHIMS_COUNTERS_H
#define CSHIMS_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- clocks (clock.c) ----------------------------------------------------------------------

uint64_t cshims_monotonic_ns(void);                // CLOCK_MONOTONIC
uint64_t cshims_boottime_ns(void);                 // CLOCK_BOOTTIME
uint64_t cshims_realtime_ns(void);                 // CLOCK_REALTIME
int32_t cshims_sleep_until(uint64_t monotonic_ns);  // -EINTR when a signal ends it
bool cshims_tsc_invariant(void);                   // CPUID 80000007h EDX bit 8

// The time-stamp counter; 0 where there is none.
static inline uint64_t cshims_tsc(void) {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  return 0;
#endif
}

// ---- perf (perf.c) -------------------------------------------------------------------------

enum {
  CSHIMS_COUNTER_KERNEL_INSTRUCTIONS = 0,
  CSHIMS_COUNTER_CONTEXT_SWITCHES = 1,
  CSHIMS_COUNTER_PAGE_FAULTS = 2,
  CSHIMS_COUNTER_CPU_MIGRATIONS = 3,
};
// perf_event_open(2) for `process` (0 = caller, and all it forks afterwards) on any
// CPU, enabled at once; the descriptor.  -ENOENT/-EOPNOTSUPP without a PMU.
int32_t cshims_counter_open(int32_t counter, int32_t process, bool inherit);
// The count, and the nanoseconds for which it was enabled and for which it ran.
struct cshims_count {
  uint64_t value, enabled_ns, running_ns;
};
int32_t cshims_counter_read(int32_t fd, struct cshims_count *out);

// ---- delay accounting (taskstats.c) --------------------------------------------------------

// A thread's direct reclaim while kernel.task_delayacct was 1, from its start on.
typedef struct {
  uint64_t count, nanoseconds;
} cshims_task_reclaim;
// A netlink socket for the kernel's taskstats, and the number of their family; the descriptor.
// -ENOENT without CONFIG_TASKSTATS.
int32_t cshims_task_statistics_open(uint16_t *family);
// -ESRCH for a thread that has ended, -EPERM without CAP_NET_ADMIN, -ENOTSUP for version 15 of
// the structure.
int32_t cshims_task_statistics_read(int32_t fd, uint16_t family, int32_t thread,
                                    cshims_task_reclaim *out);

// ---- checksums (checksum.c) ----------------------------------------------------------------

// CRC-32C of these bytes, continued from the checksum `before` (0 at the start).
uint32_t cshims_crc32c(uint32_t before, const void *bytes, uint64_t count);

#endif
