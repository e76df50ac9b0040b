// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// What the new process does before it is the program; it has its parent's memory until then.
static int become(const char *path, const char *const argv[], const char *const envp[],
                  const int32_t streams[3]) {
  struct sigaction action;
  sigset_t none;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  // Those that the C library keeps for itself fail, and are never ignored.
  for (int signal = 1; signal < 65; signal++) sigaction(signal, &action, NULL);
  sigemptyset(&none);
  if (setpgid(0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return errno;
  for (int to = 0; to < 3; to++) {
    int from = streams[to];
    if (from < 0) from = open("/dev/null", to == 0 ? O_RDONLY : O_WRONLY);
    // Descriptors of ours are above the three streams, and closed by the program's start.
    if (from < 0 || dup2(from, to) < 0) return errno;
  }
  syscall(SYS_close_range, 3u, ~0u, 0u);
  sigprocmask(SIG_SETMASK, &none, NULL);
  // execve does not write through its arguments; its type is older than const.
  execve(path, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)envp);
  return errno;
}

int32_t cshims_program_start(const char *path, const char *const argv[], const char *const envp[],
                             int32_t stdin_fd, int32_t stdout_fd, int32_t stderr_fd) {
  const int32_t streams[3] = {stdin_fd, stdout_fd, stderr_fd};
  volatile int error = 0;
  sigset_t all, before;
  sigfillset(&all);
  // No handler of ours may run in the new process.
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t child = vfork();
  if (child == 0) {
    error = become(path, argv, envp, streams);
    _exit(127);
  }
  if (child < 0) error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (error == 0) return child;
  if (child > 0) waitpid(child, NULL, 0);
  return -error;
}

// The parent in a text such as `12 (a b) S 7 …`, /proc/PID/stat; -1 where there is none.
static pid_t parent_in(const char *text, ssize_t length) {
  ssize_t end = length;
  while (end > 0 && text[end - 1] != ')') end--;
  if (end == 0) return -1;
  ssize_t at = end;
  while (at < length && text[at] == ' ') at++;
  at++;  // the state
  while (at < length && text[at] == ' ') at++;
  pid_t parent = 0;
  for (; at < length && text[at] >= '0' && text[at] <= '9'; at++) {
    parent = parent * 10 + (text[at] - '0');
  }
  return parent;
}

// Kills a process that is a child of this one.  `name` is its number in decimal.
static void kill_if_child(const char *name) {
  char path[64] = "/proc/";
  char text[512];
  size_t length = strlen(name);
  if (length == 0 || length > 10) return;
  for (size_t i = 0; i < length; i++) {
    if (name[i] < '0' || name[i] > '9') return;
  }
  memcpy(path + 6, name, length);
  memcpy(path + 6 + length, "/stat", 6);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  ssize_t got = read(file, text, sizeof text);
  close(file);
  if (got <= 0 || parent_in(text, got) != getpid()) return;
  pid_t process = 0;
  for (size_t i = 0; i < length; i++) process = process * 10 + (name[i] - '0');
  kill(process, SIGKILL);
}

// getdents64(2), because opendir(3) allocates and a signal handler must not.
static void kill_children(void) {
  struct entry {
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t kind;
    char name[];
  };
  _Alignas(8) char buffer[8192];
  int directory = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  for (;;) {
    long got = syscall(SYS_getdents64, directory, buffer, sizeof buffer);
    if (got <= 0) break;
    for (long at = 0; at < got;) {
      const struct entry *entry = (const struct entry *)(buffer + at);
      kill_if_child(entry->name);
      at += entry->length;
    }
  }
  close(directory);
}

static uint64_t monotonic_ns(void) {
  struct timespec now;
  // A signal handler may call it (signal-safety(7)); this clock is always there.
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int32_t cshims_kill_descendants(int32_t group, uint64_t timeout_ns) {
  const struct timespec pause = {.tv_sec = 0, .tv_nsec = 200000};
  // A pause takes longer than it says, and a look at all processes takes its time too.
  const uint64_t start = monotonic_ns();
  // Looks come first: this process may have been stopped for longer than the limit.
  const unsigned least_turns = 3 * 8;
  if (group > 0) kill(-group, SIGKILL);
  // Children of what was killed become children of this process, and are seen in the next turn.
  for (unsigned turn = 0;; turn++) {
    pid_t ended;
    while ((ended = waitpid(-1, NULL, WNOHANG)) > 0) continue;
    if (ended < 0) return 0;
    if (turn > least_turns && monotonic_ns() - start > timeout_ns) return -ETIMEDOUT;
    if (turn % 8 == 1) kill_children();
    nanosleep(&pause, NULL);
  }
}

static void end_with_descendants(int signal) {
  (void)signal;
  cshims_kill_descendants(0, 5000000000u);
  _exit(255);
}

int32_t cshims_adopt_descendants(void) {
  struct sigaction action;
  sigset_t delivered;
  memset(&action, 0, sizeof action);
  sigfillset(&action.sa_mask);
  action.sa_handler = end_with_descendants;
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) return -errno;
  if (sigaction(SIGUSR1, &action, NULL) < 0) return -errno;
  sigemptyset(&delivered);
  sigaddset(&delivered, SIGUSR1);
  int error = pthread_sigmask(SIG_UNBLOCK, &delivered, NULL);
  if (error != 0) return -error;
  return prctl(PR_SET_PDEATHSIG, SIGUSR1) < 0 ? -errno : 0;
}

int32_t cshims_await_any(const int32_t *descriptors, int32_t count, int32_t timeout_ms) {
  struct pollfd polled[8];
  if (count < 0 || count > 8) return -EINVAL;
  for (int32_t i = 0; i < count; i++) {
    polled[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
  }
  if (poll(polled, (nfds_t)count, timeout_ms) < 0) return -errno;
  int32_t ready = 0;
  for (int32_t i = 0; i < count; i++) {
    if (polled[i].revents != 0) ready |= 1 << i;
  }
  return ready;
}

int32_t cshims_set_nonblocking(int32_t descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) return -errno;
  return fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

const char *const *cshims_environment(void) { return (const char *const *)(uintptr_t)environ; }
