// SPDX-License-Identifier: GPL-3.0-or-later
//
// Of cshims.h: processes and threads.
#ifndef CSHIMS_PROCESSES_H
#define CSHIMS_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- processes (process.c) -----------------------------------------------------------------

typedef struct {
  uint64_t user_ns, system_ns;
  uint64_t minor_faults, major_faults;
  uint64_t voluntary_switches, involuntary_switches;
  uint64_t max_resident_bytes;
} cshims_usage;

int32_t cshims_fork(void);
void cshims_exit_now(int32_t status) __attribute__((noreturn));  // _exit(2)
// wait4(2) for `process` (-1 = any child).  status is -1 while it runs, 0..255 after an
// exit, 256 + signal after a kill; usage may be NULL.  Returns the process id, 0 when
// `nohang` and nothing ended.
int32_t cshims_wait(int32_t process, bool nohang, int32_t *status, cshims_usage *usage);
// Whether a signal stopped the child, or continued it, since this was asked last: waitid(2).
int32_t cshims_was_stopped(int32_t child);
int32_t cshims_kill(int32_t process, int32_t signal);
int32_t cshims_die_with_parent(int32_t signal);        // prctl(PR_SET_PDEATHSIG)
int32_t cshims_set_name(const char *name);             // prctl(PR_SET_NAME), 15 bytes
int32_t cshims_process_id(void);
int32_t cshims_parent_id(void);
int32_t cshims_user_id(void);                          // effective
int32_t cshims_usage_of_thread(cshims_usage *out);     // RUSAGE_THREAD

// SIGINT, SIGTERM and SIGHUP set a flag (no SA_RESTART, so that sleeps end); SIGPIPE and
// SIGXFSZ are ignored.  cshims_interrupted() is the signal's number, or 0.
int32_t cshims_catch_interrupts(void);
int32_t cshims_ignore_interrupts(void);  // in a worker: its parent decides
int32_t cshims_interrupted(void);

// posix_spawn(3): runs argv[0] (looked up in PATH) with stdin from /dev/null and stdout and
// stderr to the given descriptors (-1 = /dev/null).  The process id.
int32_t cshims_spawn(const char *const argv[], int32_t stdout_fd, int32_t stderr_fd);

// execvp(3) with the signals' default actions: becomes argv[0]; comes back with -errno only.
int32_t cshims_exec(const char *const argv[]);
// setpgid(2): the process (0 = this one) leads a group of its own.
int32_t cshims_lead_group(int32_t process);
// Unblocks all signals, and points stdin at /dev/null and stdout and stderr at `output_fd`.
int32_t cshims_detach_streams(int32_t output_fd);
// pidfd_open(2), close-on-exec: readable once the process has ended.
int32_t cshims_process_descriptor(int32_t process);
// poll(2) for input on two descriptors; bit 0 and bit 1 are set for those that are ready.
int32_t cshims_await_either(int32_t first, int32_t second, int32_t timeout_ms);
int32_t cshims_set_environment(const char *name, const char *value);  // setenv(3), replaces
int32_t cshims_enter_directory(const char *path);                     // chdir(2)
// sync(2), then reboot(2) with LINUX_REBOOT_CMD_RESTART: the whole machine.
int32_t cshims_restart_machine(void);

enum { CSHIMS_LIMIT_FILES = 0, CSHIMS_LIMIT_MEMLOCK = 1 };
// getrlimit(2): UINT64_MAX is no limit.
int32_t cshims_limit(int32_t which, uint64_t *soft, uint64_t *hard);
int32_t cshims_raise_limit(int32_t which);  // soft := hard

// ---- programs whose processes are all ended (program.c) ---------------------------------------

// vfork(2) and execve(2): a program that leads a process group of its own, with the signals'
// default actions and no open files but the three streams (-1 = /dev/null).  The kernel kills it,
// but not its children, when the thread that started it ends.  The process id, or what execve said.
int32_t cshims_program_start(const char *path, const char *const argv[], const char *const envp[],
                             int32_t stdin_fd, int32_t stdout_fd, int32_t stderr_fd);
// From now on orphans below this process become its children (PR_SET_CHILD_SUBREAPER); SIGUSR1,
// which comes too when the thread that forked it ends, kills all of them and ends the process.
int32_t cshims_adopt_descendants(void);
// Kills a process group (0 = none) and every process below this one, and waits for their ends.
// -ETIMEDOUT where one is left.  Safe in a signal handler.
int32_t cshims_kill_descendants(int32_t group, uint64_t timeout_ns);
// poll(2) for input on up to 8 descriptors, those below 0 left out; bit i is set for one that is
// ready or at its end.
int32_t cshims_await_any(const int32_t *descriptors, int32_t count, int32_t timeout_ms);
int32_t cshims_set_nonblocking(int32_t descriptor);  // fcntl(2) O_NONBLOCK
const char *const *cshims_environment(void);         // environ(7)

// ---- threads (thread.c) --------------------------------------------------------------------

typedef struct cshims_thread cshims_thread;
int32_t cshims_thread_start(void (*body)(void *context), void *context, cshims_thread **out);
int32_t cshims_thread_join(cshims_thread *thread);

#endif
