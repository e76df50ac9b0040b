// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cshims.h"

// Swift's runtime looks at /proc/self before main, and aborts without it.  In a guest nobody but
// the first process itself can have mounted it: before the runtime's own initialisers.
__attribute__((constructor(101))) static void mount_proc(int argc, char **argv) {
  if (getpid() != 1 || argc < 1 || strcmp(argv[0], CSHIMS_GUEST_INIT) != 0) return;
  mkdir("/proc", 0555);
  mount("proc", "/proc", "proc", 0, NULL);
}

bool cshims_is_guest_init(void) { return getpid() == 1 && access(CSHIMS_GUEST_INIT, X_OK) == 0; }
