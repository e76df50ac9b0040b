// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int32_t cshims_futex_wait(uint32_t *word, uint32_t expected, uint64_t timeout_ns) {
  struct timespec limit = {
      .tv_sec = (time_t)(timeout_ns / 1000000000u),
      .tv_nsec = (long)(timeout_ns % 1000000000u),
  };
  long r = syscall(SYS_futex, word, FUTEX_WAIT, expected, timeout_ns == 0 ? NULL : &limit, NULL, 0);
  return r < 0 ? -errno : 0;
}

int32_t cshims_futex_wake(uint32_t *word, int32_t count) {
  long woken = syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
  return woken < 0 ? -errno : (int32_t)woken;
}

static uint64_t nanoseconds(struct timeval t) {
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u;
}

static void fill_usage(cshims_usage *out, const struct rusage *from) {
  out->user_ns = nanoseconds(from->ru_utime);
  out->system_ns = nanoseconds(from->ru_stime);
  out->minor_faults = (uint64_t)from->ru_minflt;
  out->major_faults = (uint64_t)from->ru_majflt;
  out->voluntary_switches = (uint64_t)from->ru_nvcsw;
  out->involuntary_switches = (uint64_t)from->ru_nivcsw;
  out->max_resident_bytes = (uint64_t)from->ru_maxrss * 1024u;  // ru_maxrss is in KiB
}

int32_t cshims_fork(void) {
  pid_t child = fork();
  return child < 0 ? -errno : child;
}

void cshims_exit_now(int32_t status) { _exit(status); }

int32_t cshims_wait(int32_t process, bool nohang, int32_t *status, cshims_usage *usage) {
  int raw = 0;
  struct rusage spent;
  memset(&spent, 0, sizeof spent);
  *status = -1;
  pid_t ended = wait4(process, &raw, nohang ? WNOHANG : 0, &spent);
  if (ended < 0) return -errno;
  if (ended > 0) {
    *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 256 + WTERMSIG(raw);
    if (usage != NULL) fill_usage(usage, &spent);
  }
  return ended;
}

int32_t cshims_was_stopped(int32_t child) {
  siginfo_t event;
  memset(&event, 0, sizeof event);
  if (waitid(P_PID, (id_t)child, &event, WSTOPPED | WCONTINUED | WNOHANG) < 0) return -errno;
  return event.si_pid != 0;
}

int32_t cshims_kill(int32_t process, int32_t signal) {
  return kill(process, signal) < 0 ? -errno : 0;
}

int32_t cshims_die_with_parent(int32_t signal) {
  return prctl(PR_SET_PDEATHSIG, (unsigned long)signal) < 0 ? -errno : 0;
}

int32_t cshims_set_name(const char *name) { return prctl(PR_SET_NAME, name) < 0 ? -errno : 0; }

int32_t cshims_process_id(void) { return getpid(); }

int32_t cshims_parent_id(void) { return getppid(); }

int32_t cshims_user_id(void) { return (int32_t)geteuid(); }

int32_t cshims_usage_of_thread(cshims_usage *out) {
  struct rusage spent;
  if (getrusage(RUSAGE_THREAD, &spent) < 0) return -errno;
  fill_usage(out, &spent);
  return 0;
}

static volatile sig_atomic_t interrupted;

static void remember(int signal) { interrupted = signal; }

static int32_t set_handlers(void (*handler)(int)) {
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction action;
  memset(&action, 0, sizeof action);  // no SA_RESTART: a sleep or a read must end
  sigemptyset(&action.sa_mask);
  action.sa_handler = handler;
  sigset_t delivered;
  sigemptyset(&delivered);
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
    if (sigaction(signals[i], &action, NULL) < 0) return -errno;
    sigaddset(&delivered, signals[i]);
  }
  // The threads of an async runtime block all signals, and so do their forks.
  int error = pthread_sigmask(SIG_UNBLOCK, &delivered, NULL);
  if (error != 0) return -error;
  // A write past RLIMIT_FSIZE fails with EFBIG then, as one to a full disk does with ENOSPC.
  action.sa_handler = SIG_IGN;
  if (sigaction(SIGXFSZ, &action, NULL) < 0) return -errno;
  return sigaction(SIGPIPE, &action, NULL) < 0 ? -errno : 0;
}

int32_t cshims_catch_interrupts(void) {
  interrupted = 0;
  return set_handlers(remember);
}

int32_t cshims_ignore_interrupts(void) { return set_handlers(SIG_IGN); }

int32_t cshims_interrupted(void) { return interrupted; }

// Points descriptor `to` of the new process at `from`, or at /dev/null.
static int route(posix_spawn_file_actions_t *actions, int from, int to, int how) {
  if (from < 0) return posix_spawn_file_actions_addopen(actions, to, "/dev/null", how, 0);
  return posix_spawn_file_actions_adddup2(actions, from, to);
}

int32_t cshims_spawn(const char *const argv[], int32_t stdout_fd, int32_t stderr_fd) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none, all;
  pid_t child = 0;
  sigemptyset(&none);
  sigfillset(&all);
  int error = posix_spawn_file_actions_init(&actions);
  if (error != 0) return -error;
  error = posix_spawnattr_init(&attributes);
  if (error != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return -error;
  }
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  error = route(&actions, -1, STDIN_FILENO, O_RDONLY);
  if (error == 0) error = route(&actions, stdout_fd, STDOUT_FILENO, O_WRONLY);
  if (error == 0) error = route(&actions, stderr_fd, STDERR_FILENO, O_WRONLY);
  if (error == 0) {
    // posix_spawn does not write through argv; its type is older than const.
    char *const *arguments = (char *const *)(uintptr_t)argv;
    error = posix_spawnp(&child, argv[0], &actions, &attributes, arguments, environ);
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error != 0 ? -error : child;
}

static int resource_of(int32_t which) {
  return which == CSHIMS_LIMIT_MEMLOCK ? RLIMIT_MEMLOCK : RLIMIT_NOFILE;
}

int32_t cshims_limit(int32_t which, uint64_t *soft, uint64_t *hard) {
  struct rlimit limit;
  if (getrlimit(resource_of(which), &limit) < 0) return -errno;
  *soft = limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
  *hard = limit.rlim_max == RLIM_INFINITY ? UINT64_MAX : limit.rlim_max;
  return 0;
}

int32_t cshims_raise_limit(int32_t which) {
  struct rlimit limit;
  if (getrlimit(resource_of(which), &limit) < 0) return -errno;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(resource_of(which), &limit) < 0 ? -errno : 0;
}
