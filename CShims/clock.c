// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <time.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

static const uint64_t second_ns = 1000000000u;

static uint64_t now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (uint64_t)t.tv_sec * second_ns + (uint64_t)t.tv_nsec;
}

uint64_t cshims_monotonic_ns(void) { return now(CLOCK_MONOTONIC); }

uint64_t cshims_boottime_ns(void) { return now(CLOCK_BOOTTIME); }

uint64_t cshims_realtime_ns(void) { return now(CLOCK_REALTIME); }

int32_t cshims_sleep_until(uint64_t monotonic_ns) {
  struct timespec t = {
      .tv_sec = (time_t)(monotonic_ns / second_ns),
      .tv_nsec = (long)(monotonic_ns % second_ns),
  };
  return -clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);  // returns the error
}

bool cshims_tsc_invariant(void) {
#if defined(__x86_64__)
  unsigned eax, ebx, ecx, edx;
  return __get_cpuid(0x80000007, &eax, &ebx, &ecx, &edx) != 0 && (edx & (1u << 8)) != 0;
#else
  return false;
#endif
}
