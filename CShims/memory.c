// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <errno.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>

int32_t cshims_map(uint64_t bytes, bool shared, void **out) {
  int how = MAP_ANONYMOUS | (shared ? MAP_SHARED : MAP_PRIVATE);
  void *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE, how, -1, 0);
  if (address == MAP_FAILED) return -errno;
  *out = address;
  return 0;
}

int32_t cshims_unmap(void *address, uint64_t bytes) {
  return munmap(address, bytes) < 0 ? -errno : 0;
}

int32_t cshims_forbid(void *address, uint64_t bytes) {
  return mprotect(address, bytes, PROT_NONE) < 0 ? -errno : 0;
}

int32_t cshims_lock_memory(void *address, uint64_t bytes) {
  return mlock(address, bytes) < 0 ? -errno : 0;
}

int32_t cshims_lock_process(void) {
  // Without a limit no later mapping can fail for being locked.
  const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
  if (setrlimit(RLIMIT_MEMLOCK, &none) < 0) return -errno;
  return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0 ? -errno : 0;
}

uint64_t cshims_heap_in_use(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}
