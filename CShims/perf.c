// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int32_t cshims_counter_open(int32_t counter, int32_t process, bool inherit) {
  struct perf_event_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.size = sizeof attr;
  attr.type = PERF_TYPE_SOFTWARE;
  attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  attr.inherit = inherit;
  switch (counter) {
    case CSHIMS_COUNTER_KERNEL_INSTRUCTIONS:
      attr.type = PERF_TYPE_HARDWARE;
      attr.config = PERF_COUNT_HW_INSTRUCTIONS;
      attr.exclude_user = 1;
      attr.exclude_hv = 1;
      break;
    case CSHIMS_COUNTER_CONTEXT_SWITCHES:
      attr.config = PERF_COUNT_SW_CONTEXT_SWITCHES;
      break;
    case CSHIMS_COUNTER_PAGE_FAULTS:
      attr.config = PERF_COUNT_SW_PAGE_FAULTS;
      break;
    case CSHIMS_COUNTER_CPU_MIGRATIONS:
      attr.config = PERF_COUNT_SW_CPU_MIGRATIONS;
      break;
    default:
      return -EINVAL;
  }
  long fd = syscall(SYS_perf_event_open, &attr, process, -1, -1, PERF_FLAG_FD_CLOEXEC);
  return fd < 0 ? -errno : (int32_t)fd;
}

int32_t cshims_counter_read(int32_t fd, struct cshims_count *out) {
  ssize_t n = read(fd, out, sizeof *out);
  if (n < 0) return -errno;
  return n == (ssize_t)sizeof *out ? 0 : -EIO;
}
