// SPDX-License-Identifier: GPL-3.0-or-later
//
// The bare C loop that `make bench` holds Plumbline's direct I/O against: random reads through one
// ring with the rules of fio's t/io_uring and nothing timed. A submission entry has its buffer, and
// only its offset changes. Each round queues a batch where the depth has room, waits only where no
// other batch would fit, and takes all completions that are there.
//
// dio-baseline FILE BYTES BLOCK DEPTH SUBMIT COMPLETE SECONDS CPU
// prints: reads, nanoseconds from the first counted one to the last.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "cshims.h"

static atomic_int phase;  // 0 guard, 1 measure, 2 stop

static struct job {
  const char *path;
  uint64_t blocks;
  uint32_t block, depth, submit, complete;
  int cpu;
  const char *failed;
  uint64_t reads, nanoseconds;
} job;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t any(uint64_t *state, uint64_t below) {
  uint64_t x = *state;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  *state = x;
  return (uint64_t)(((unsigned __int128)x * below) >> 64);
}

// A ring whose entries are complete but for the offset; NULL with job.failed set.
static cshims_ring *prepare(int file) {
  cshims_ring *ring = NULL;
  uint32_t best = CSHIMS_RING_SINGLE_ISSUER | CSHIMS_RING_COOP_TASKRUN | CSHIMS_RING_DEFER_TASKRUN;
  job.failed = "io_uring_setup";
  if (cshims_ring_create(job.depth, best, 0, -1, &ring) < 0 &&
      cshims_ring_create(job.depth, 0, 0, -1, &ring) < 0)
    return NULL;
  uint64_t bytes = (uint64_t)ring->sq_entries * job.block;
  char *buffers = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  job.failed = "io_uring_register";
  if (buffers == MAP_FAILED || cshims_ring_register_buffers(ring, buffers, bytes, 1) < 0 ||
      cshims_ring_register_files(ring, &file, 1) < 0)
    return NULL;
  cshims_ring_register_self(ring);
  for (uint32_t i = 0; i < ring->sq_entries; i++) {
    ring->submissions[i] = (cshims_submission){
        .operation = CSHIMS_RING_READ_FIXED, .flags = CSHIMS_RING_FIXED_FILE,
        .address = (uint64_t)(uintptr_t)(buffers + (uint64_t)i * job.block), .length = job.block};
  }
  job.failed = NULL;
  return ring;
}

static void *work(void *unused) {
  (void)unused;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(job.cpu, &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
  int file = open(job.path, O_RDONLY | O_DIRECT | O_NOATIME | O_CLOEXEC);
  job.failed = "open";
  cshims_ring *ring = file < 0 ? NULL : prepare(file);
  if (!ring) return NULL;
  uint64_t random = 88172645463325252u, reads = 0, begun = 0, before = 0;
  uint32_t in_flight = 0;
  int seen = 0;
  while (seen < 2) {
    uint32_t queued = 0;
    for (; queued < job.submit && in_flight + queued < job.depth; queued++)
      cshims_ring_next(ring)->offset = any(&random, job.blocks) * job.block;
    in_flight += queued;
    uint32_t wait = queued && in_flight + queued <= job.depth ? 0
                    : in_flight < job.complete                ? in_flight
                                                              : job.complete;
    if (cshims_ring_submit_and_wait(ring, wait) < 0) job.failed = "io_uring_enter";
    uint32_t ready = cshims_ring_ready(ring);
    for (uint32_t i = 0; i < ready; i++)
      if (cshims_ring_completion(ring, i)->result != (int32_t)job.block) job.failed = "read";
    cshims_ring_advance(ring, ready);
    in_flight -= ready;
    reads += ready;
    if (job.failed) break;
    int next = atomic_load_explicit(&phase, memory_order_relaxed);
    if (next == seen) continue;
    if (seen == 0) begun = now(), before = reads;
    seen = next;
  }
  job.nanoseconds = now() - begun;
  job.reads = reads - before;
  return NULL;
}

static void wait_for(double seconds) {
  struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  nanosleep(&t, NULL);
}

int main(int argc, char **argv) {
  if (argc != 9) {
    fprintf(stderr, "usage: %s FILE BYTES BLOCK DEPTH SUBMIT COMPLETE SECONDS CPU\n", argv[0]);
    return 64;
  }
  job.path = argv[1];
  job.block = (uint32_t)atoi(argv[3]);
  job.depth = (uint32_t)atoi(argv[4]);
  job.submit = (uint32_t)atoi(argv[5]);
  job.complete = (uint32_t)atoi(argv[6]);
  job.cpu = atoi(argv[8]);
  if (job.block < 512 || job.depth < 1 || job.submit < 1 || job.complete < 1) return 64;
  job.blocks = strtoull(argv[2], NULL, 10) / job.block;
  pthread_t thread;
  if (pthread_create(&thread, NULL, work, NULL)) return 1;
  wait_for(0.125);
  atomic_store(&phase, 1);
  wait_for(atof(argv[7]));
  atomic_store(&phase, 2);
  pthread_join(thread, NULL);
  if (job.failed) {
    fprintf(stderr, "dio-baseline: %s failed\n", job.failed);
    return 1;
  }
  printf("%llu %llu\n", (unsigned long long)job.reads, (unsigned long long)job.nanoseconds);
  return 0;
}
