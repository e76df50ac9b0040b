// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cshims.h"

// Swift's runtime reads /proc/self before main and aborts without it, and libnuma counts the
// nodes in /sys.  In a guest only the first process itself can mount them: here, before the
// libraries' own initialisers.
__attribute__((constructor(101))) static void mount_first(int argc, char **argv) {
  if (getpid() != 1 || argc < 1 || strcmp(argv[0], CSHIMS_GUEST_INIT) != 0) return;
  mkdir("/proc", 0555);
  mount("proc", "/proc", "proc", 0, NULL);
  mkdir("/sys", 0555);
  mount("sysfs", "/sys", "sysfs", 0, NULL);
}

bool cshims_is_guest_init(void) { return getpid() == 1 && access(CSHIMS_GUEST_INIT, X_OK) == 0; }
