// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

int32_t cshims_exec(const char *const argv[]) {
  struct sigaction plain;
  memset(&plain, 0, sizeof plain);
  sigemptyset(&plain.sa_mask);
  plain.sa_handler = SIG_DFL;
  // An ignored signal stays ignored across exec, and some programs do not reset it.
  static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ};
  for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++) {
    if (sigaction(ignored[i], &plain, NULL) < 0) return -errno;
  }
  // execvp does not write through argv; its type is older than const.
  execvp(argv[0], (char *const *)(uintptr_t)argv);
  return -errno;
}

int32_t cshims_lead_group(int32_t process) { return setpgid(process, 0) < 0 ? -errno : 0; }

int32_t cshims_detach_streams(int32_t output_fd) {
  sigset_t none;
  sigemptyset(&none);
  int error = pthread_sigmask(SIG_SETMASK, &none, NULL);
  if (error != 0) return -error;
  int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing < 0) return -errno;
  if (dup2(nothing, STDIN_FILENO) < 0 || dup2(output_fd, STDOUT_FILENO) < 0 ||
      dup2(output_fd, STDERR_FILENO) < 0) {
    return -errno;
  }
  return 0;
}

int32_t cshims_process_descriptor(int32_t process) {
  long fd = syscall(SYS_pidfd_open, process, 0u);
  return fd < 0 ? -errno : (int32_t)fd;
}

int32_t cshims_await_either(int32_t first, int32_t second, int32_t timeout_ms) {
  struct pollfd both[2] = {{.fd = first, .events = POLLIN}, {.fd = second, .events = POLLIN}};
  int n = poll(both, 2, timeout_ms);
  if (n < 0) return -errno;
  return (both[0].revents != 0 ? 1 : 0) | (both[1].revents != 0 ? 2 : 0);
}

int32_t cshims_set_environment(const char *name, const char *value) {
  return setenv(name, value, 1) < 0 ? -errno : 0;
}

int32_t cshims_enter_directory(const char *path) { return chdir(path) < 0 ? -errno : 0; }

int32_t cshims_restart_machine(void) {
  sync();
  return reboot(RB_AUTOBOOT) < 0 ? -errno : 0;
}
