// SPDX-License-Identifier: GPL-3.0-or-later
//
// C bodies for the Linux calls that Swift cannot reach by itself.
//
// Every function that can fail returns its result (>= 0) or -errno.  Only
// fixed-width integers, plain structs of them and opaque structs appear here:
// GNU and kernel headers stay in the .c files.  No policy, no logic.
#ifndef CSHIMS_H
#define CSHIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- descriptors (descriptor.c) --------------------------------------------

enum {
  CSHIMS_OPEN_READ = 0,
  CSHIMS_OPEN_WRITE = 1,
  CSHIMS_OPEN_READ_WRITE = 2,
  CSHIMS_OPEN_CREATE = 1 << 2,
  CSHIMS_OPEN_TRUNCATE = 1 << 3,
  CSHIMS_OPEN_DIRECT = 1 << 4,
  CSHIMS_OPEN_EXCLUSIVE = 1 << 5,
  CSHIMS_OPEN_APPEND = 1 << 6,
  CSHIMS_OPEN_DIRECTORY = 1 << 7,
  CSHIMS_OPEN_TEMPORARY = 1 << 8,
  CSHIMS_OPEN_NONBLOCK = 1 << 9,
  CSHIMS_OPEN_NOATIME = 1 << 10,
  CSHIMS_OPEN_PATH = 1 << 11,
  CSHIMS_OPEN_NOFOLLOW = 1 << 12,
};

// statx(2) of an open file, with the ioctls of a block device.
typedef struct {
  uint64_t size_bytes;    // of a block device: its capacity
  uint64_t inode;
  uint32_t mode;          // st_mode
  uint32_t owner;         // st_uid
  uint32_t device_major;  // of the file system, or of the device itself
  uint32_t device_minor;
  uint32_t dio_memory_alignment;  // 0 = no direct I/O, or unknown
  uint32_t dio_offset_alignment;
  uint32_t dio_reported;          // 1 when the kernel reports STATX_DIOALIGN
  uint32_t logical_block_bytes;   // of the block device below; 0 if none
} cshims_file_facts;

// statfs(2).
typedef struct {
  uint64_t type_magic;
  uint64_t free_bytes;  // for an unprivileged user
  uint64_t total_bytes;
} cshims_filesystem_facts;

int32_t cshims_open(const char *path, uint32_t flags, uint32_t mode);
int32_t cshims_close(int32_t fd);
int32_t cshims_duplicate(int32_t fd);  // with FD_CLOEXEC
int64_t cshims_read(int32_t fd, void *buffer, uint64_t count);
int64_t cshims_write(int32_t fd, const void *buffer, uint64_t count);
int64_t cshims_pread(int32_t fd, void *buffer, uint64_t count, uint64_t offset);
int64_t cshims_pwrite(int32_t fd, const void *buffer, uint64_t count, uint64_t offset);
int32_t cshims_truncate(int32_t fd, uint64_t size);
int32_t cshims_allocate(int32_t fd, uint64_t size);  // posix_fallocate from 0
int32_t cshims_sync(int32_t fd);                     // fsync
int32_t cshims_data_sync(int32_t fd);                // fdatasync
int32_t cshims_drop_cache(int32_t fd);               // POSIX_FADV_DONTNEED, whole file
int32_t cshims_lock_exclusive(int32_t fd);           // flock LOCK_EX | LOCK_NB
int32_t cshims_lock_shared(int32_t fd);              // flock LOCK_SH | LOCK_NB
int32_t cshims_file_facts_of(int32_t fd, cshims_file_facts *out);
int32_t cshims_filesystem_facts_of(int32_t fd, cshims_filesystem_facts *out);

enum { CSHIMS_POLL_IN = 1, CSHIMS_POLL_OUT = 4, CSHIMS_POLL_ERR = 8, CSHIMS_POLL_HUP = 16 };
// poll(2) on one descriptor; returns the events that are ready, 0 on time-out.
// timeout_ms < 0 waits without a limit.
int32_t cshims_poll(int32_t fd, int32_t events, int32_t timeout_ms);

// ---- pipes (pipe.c) -----------------------------------------------------------

enum { CSHIMS_PIPE_NONBLOCK = 1, CSHIMS_PIPE_PACKET = 2 };  // O_CLOEXEC is always set
int32_t cshims_pipe(int32_t ends[2], uint32_t flags);        // ends[0] reads
int64_t cshims_pipe_set_size(int32_t fd, uint64_t bytes);    // the size granted
int64_t cshims_pipe_get_size(int32_t fd);
int32_t cshims_pipe_set_flags(int32_t fd, uint32_t flags);
int64_t cshims_pipe_readable(int32_t fd);                    // FIONREAD

enum { CSHIMS_SPLICE_MOVE = 1 };
// An offset of -1 means the descriptor's own position (or a pipe); otherwise
// *offset is read and advanced as splice(2) does.
int64_t cshims_splice(int32_t from, int64_t *from_offset, int32_t to, int64_t *to_offset,
                      uint64_t count, uint32_t flags);
int64_t cshims_vmsplice(int32_t pipe, const void *buffer, uint64_t count, bool gift, bool nonblock);
int64_t cshims_tee(int32_t from, int32_t to, uint64_t count, uint32_t flags);

// ---- memory (memory.c) ----------------------------------------------------------

// Anonymous mmap(2), page aligned, zeroed; *out is set on success.  A shared
// mapping stays common to parent and child after fork(2).
int32_t cshims_map(uint64_t bytes, bool shared, void **out);
int32_t cshims_unmap(void *address, uint64_t bytes);
int32_t cshims_lock_memory(void *address, uint64_t bytes);  // mlock
// mlockall(2) of present and future pages, each when it is touched; needs CAP_SYS_RESOURCE,
// because it lifts RLIMIT_MEMLOCK first.
int32_t cshims_lock_process(void);
// Bytes this process holds from malloc (mallinfo2: in use in arenas + mmapped).
uint64_t cshims_heap_in_use(void);

// ---- io_uring (ring.c) --------------------------------------------------------------

enum {
  CSHIMS_RING_SINGLE_ISSUER = 1,
  CSHIMS_RING_COOP_TASKRUN = 2,
  CSHIMS_RING_DEFER_TASKRUN = 4,
  CSHIMS_RING_IOPOLL = 8,
  CSHIMS_RING_SQPOLL = 16,
};

enum {
  CSHIMS_RING_NOP = 0,
  CSHIMS_RING_READ_FIXED = 4,
  CSHIMS_RING_WRITE_FIXED = 5,
  CSHIMS_RING_READ = 22,
  CSHIMS_RING_WRITE = 23,
  CSHIMS_RING_FIXED_FILE = 1,  // in `flags`: `file` is an index into the registered files
};

// struct io_uring_sqe.
typedef struct {
  uint8_t operation;
  uint8_t flags;
  uint16_t priority;
  int32_t file;
  uint64_t offset;
  uint64_t address;
  uint32_t length;
  uint32_t operation_flags;
  uint64_t user_data;
  uint16_t buffer_index;
  uint16_t personality;
  uint32_t rest[5];
} cshims_submission;

// struct io_uring_cqe.
typedef struct {
  uint64_t user_data;
  int32_t result;  // bytes, or -errno
  uint32_t flags;
} cshims_completion;

// A ring's mapped queues.  Entries from *sq_tail to `queued` are not published yet.
typedef struct {
  const uint32_t *sq_head;
  uint32_t *sq_tail;
  const uint32_t *sq_flags;
  cshims_submission *submissions;
  uint32_t sq_entries;  // a power of two
  uint32_t queued;
  uint32_t *cq_head;
  const uint32_t *cq_tail;
  const cshims_completion *completions;
  uint32_t cq_mask;
  uint32_t setup_flags;
  int32_t descriptor;
  int32_t entered;  // `descriptor`, or its index when it is registered
  uint32_t enter_flags;
  void *queues;
  uint64_t queue_bytes;
} cshims_ring;

// flags go to the kernel unchanged: a kernel that lacks one answers -EINVAL.
// sqpoll_idle_ms and sqpoll_cpu (-1 = any) apply with CSHIMS_RING_SQPOLL.
int32_t cshims_ring_create(uint32_t entries, uint32_t flags, uint32_t sqpoll_idle_ms,
                           int32_t sqpoll_cpu, cshims_ring **out);
void cshims_ring_destroy(cshims_ring *ring);
int32_t cshims_ring_register_self(cshims_ring *ring);  // the ring's own descriptor
int32_t cshims_ring_register_files(cshims_ring *ring, const int32_t *fds, uint32_t count);
// count buffers of `each` bytes, one after the other from `base`; one iovec a buffer.
int32_t cshims_ring_register_buffers(cshims_ring *ring, void *base, uint64_t each, uint32_t count);
// Submits what is queued and waits for `wait` completions; the number submitted.
int32_t cshims_ring_submit_and_wait(cshims_ring *ring, uint32_t wait);

static inline uint32_t cshims_ring_space_left(const cshims_ring *ring) {
  return ring->sq_entries - (ring->queued - __atomic_load_n(ring->sq_head, __ATOMIC_ACQUIRE));
}

// The next entry to fill in, which is queued thereby; NULL when the queue is full.
static inline cshims_submission *cshims_ring_next(cshims_ring *ring) {
  if (cshims_ring_space_left(ring) == 0) return NULL;
  return &ring->submissions[ring->queued++ & (ring->sq_entries - 1)];
}

// Completions that are there.
static inline uint32_t cshims_ring_ready(const cshims_ring *ring) {
  return __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE) - *ring->cq_head;
}

// One of them, from 0.
static inline const cshims_completion *cshims_ring_completion(const cshims_ring *ring,
                                                              uint32_t number) {
  return &ring->completions[(*ring->cq_head + number) & ring->cq_mask];
}

// Gives the first `count` of them back to the kernel.
static inline void cshims_ring_advance(cshims_ring *ring, uint32_t count) {
  __atomic_store_n(ring->cq_head, *ring->cq_head + count, __ATOMIC_RELEASE);
}

// ---- CPUs and NUMA (affinity.c) --------------------------------------------------------

enum { CSHIMS_CPU_MASK_WORDS = 16 };  // 1024 CPUs, as glibc's cpu_set_t
int32_t cshims_set_affinity(int32_t thread, const uint64_t mask[CSHIMS_CPU_MASK_WORDS]);  // 0 = caller
int32_t cshims_get_affinity(int32_t thread, uint64_t mask[CSHIMS_CPU_MASK_WORDS]);
int32_t cshims_current_cpu(void);
bool cshims_numa_available(void);
int32_t cshims_numa_nodes(void);           // highest node number + 1; 1 without NUMA
int32_t cshims_numa_node_of_cpu(int32_t cpu);
// The calling thread's memory policy; CSHIMS_NUMA_DEFAULT ignores the node.
enum { CSHIMS_NUMA_DEFAULT = 0, CSHIMS_NUMA_BIND = 1, CSHIMS_NUMA_PREFER = 2, CSHIMS_NUMA_INTERLEAVE = 3 };
int32_t cshims_numa_set_memory_policy(int32_t policy, int32_t node);
int32_t cshims_numa_run_on_node(int32_t node);  // -1 = all nodes

// ---- perf (perf.c) -----------------------------------------------------------------------

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

// ---- checksums (checksum.c) ---------------------------------------------------------------

// CRC-32C of these bytes, continued from the checksum `before` (0 at the start).
uint32_t cshims_crc32c(uint32_t before, const void *bytes, uint64_t count);

// ---- clocks (clock.c) ---------------------------------------------------------------------

uint64_t cshims_monotonic_ns(void);                // CLOCK_MONOTONIC
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

// ---- atomics on shared memory ----------------------------------------------------------------

static inline uint32_t cshims_load_relaxed(const uint32_t *p) {
  return __atomic_load_n(p, __ATOMIC_RELAXED);
}
static inline uint32_t cshims_load_acquire(const uint32_t *p) {
  return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}
static inline void cshims_store_release(uint32_t *p, uint32_t value) {
  __atomic_store_n(p, value, __ATOMIC_RELEASE);
}
static inline uint32_t cshims_add(uint32_t *p, uint32_t value) {  // the new value
  return __atomic_add_fetch(p, value, __ATOMIC_ACQ_REL);
}
static inline uint64_t cshims_load64(const uint64_t *p) {
  return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}
static inline void cshims_store64(uint64_t *p, uint64_t value) {
  __atomic_store_n(p, value, __ATOMIC_RELEASE);
}
static inline uint64_t cshims_add64(uint64_t *p, uint64_t value) {  // the new value
  return __atomic_add_fetch(p, value, __ATOMIC_ACQ_REL);
}
static inline void cshims_spin_hint(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// futex(2) across processes: wait while *word == expected (timeout_ns 0 = no limit),
// wake up to `count` waiters.
int32_t cshims_futex_wait(uint32_t *word, uint32_t expected, uint64_t timeout_ns);
int32_t cshims_futex_wake(uint32_t *word, int32_t count);

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
// sync(2), then reboot(2) with LINUX_REBOOT_CMD_RESTART: the whole machine.
int32_t cshims_restart_machine(void);

enum { CSHIMS_LIMIT_FILES = 0, CSHIMS_LIMIT_MEMLOCK = 1 };
// getrlimit(2): UINT64_MAX is no limit.
int32_t cshims_limit(int32_t which, uint64_t *soft, uint64_t *hard);
int32_t cshims_raise_limit(int32_t which);  // soft := hard

// ---- guests (guest.c) ---------------------------------------------------------------------

// The path of the agent in a guest's initramfs, which the kernel starts.
#define CSHIMS_GUEST_INIT "/init"
// Whether this process is the first one and that file exists.
bool cshims_is_guest_init(void);

// ---- threads (thread.c) -------------------------------------------------------------------

typedef struct cshims_thread cshims_thread;
int32_t cshims_thread_start(void (*body)(void *context), void *context, cshims_thread **out);
int32_t cshims_thread_join(cshims_thread *thread);

// ---- devices and mounts (device.c) --------------------------------------------------------

int32_t cshims_mount(const char *source, const char *target, const char *type, const char *options);
int32_t cshims_unmount(const char *target);
int32_t cshims_swap_on(const char *path, int32_t priority);
int32_t cshims_swap_off(const char *path);
// LOOP_CTL_GET_FREE + LOOP_CONFIGURE of /dev/loopN over `backing`; N.
int32_t cshims_loop_attach(int32_t backing, uint32_t block_bytes, bool direct_io);
int32_t cshims_loop_detach(int32_t number);

// ---- paths and names (path.c) -------------------------------------------------------------

int32_t cshims_exists(const char *path);  // access(2); -ENOENT
int32_t cshims_make_directory(const char *path, uint32_t mode);
int32_t cshims_remove_directory(const char *path);
int32_t cshims_unlink(const char *path);
// The entries of a directory without "." and "..", each name ended by a NUL; the bytes
// used, or -ERANGE when `capacity` is too small.
int64_t cshims_list_directory(const char *path, char *buffer, uint64_t capacity);
// uname(2): release, version, machine and host name, each ended by a NUL; the bytes used.
int64_t cshims_uname(char *buffer, uint64_t capacity);

// ---- KVM (kvm.c) --------------------------------------------------------------------------

enum {
  CSHIMS_KVM_OPEN = 0,
  CSHIMS_KVM_VERSION = 1,
  CSHIMS_KVM_CREATE_MACHINE = 2,
  CSHIMS_KVM_MEMORY = 3,
  CSHIMS_KVM_CREATE_CPU = 4,
  CSHIMS_KVM_RUN = 5,
};
// Runs three real-mode instructions in a guest of its own: one byte to a port, then a halt.
// 0 when KVM reported both; else -errno (-EPROTO for any other exit) and in *stage the step
// that failed.  It may hang with a broken KVM: call it in a process that can be killed.
int32_t cshims_kvm_tiny_guest(int32_t *stage);

#endif
