// SPDX-License-Identifier: GPL-3.0-or-later
//
// The bare C loop that `make bench` and the suite `peers` hold Plumbline's direct I/O against:
// random reads through one ring with the rules of fio's t/io_uring and nothing timed. A submission
// entry has its buffer, and only its offset changes. Each round queues a batch where the depth has
// room, waits only where no other batch would fit, and takes all completions that are there.
//
// dio-baseline FILE BYTES BLOCK DEPTH SUBMIT COMPLETE SECONDS CPU
// prints: reads, nanoseconds from the first counted one to the last.
//
// dio-baseline stay FILE BYTES BLOCK DEPTH SUBMIT COMPLETE CPU
// reads go and stop from its standard input, line by line, and the file from the one to the other.
// At stop it prints {"reads_per_second": N}.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "cshims.h"

static atomic_int phase;    // 0 guard, 1 measure, 2 stop
static sem_t begun, ended;  // a slice of the resident thread

static struct job {
  const char *path;
  uint64_t blocks;
  uint32_t block, depth, submit, complete;
  int cpu, stays;
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

// Takes the completions that are there.
static uint32_t reap(cshims_ring *ring) {
  uint32_t ready = cshims_ring_ready(ring);
  for (uint32_t i = 0; i < ready; i++)
    if (cshims_ring_completion(ring, i)->result != (int32_t)job.block) job.failed = "read";
  cshims_ring_advance(ring, ready);
  return ready;
}

// Reads until phase 2 and counts from phase 1 on.
static void load(cshims_ring *ring, uint64_t *state) {
  uint64_t random = *state, reads = 0, start = now(), before = 0;
  uint32_t in_flight = 0;
  int seen = job.stays;
  while (seen < 2) {
    uint32_t queued = 0;
    for (; queued < job.submit && in_flight + queued < job.depth; queued++)
      cshims_ring_next(ring)->offset = any(&random, job.blocks) * job.block;
    in_flight += queued;
    uint32_t wait = queued && in_flight + queued <= job.depth ? 0
                    : in_flight < job.complete                ? in_flight
                                                              : job.complete;
    if (cshims_ring_submit_and_wait(ring, wait) < 0) job.failed = "io_uring_enter";
    uint32_t ready = reap(ring);
    in_flight -= ready;
    reads += ready;
    if (job.failed) break;
    int next = atomic_load_explicit(&phase, memory_order_relaxed);
    if (next == seen) continue;
    if (seen == 0) start = now(), before = reads;
    seen = next;
  }
  job.nanoseconds = now() - start;
  job.reads = reads - before;
  *state = random;
  while (in_flight && !job.failed) {
    if (cshims_ring_submit_and_wait(ring, in_flight) < 0) job.failed = "io_uring_enter";
    in_flight -= reap(ring);
  }
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
  uint64_t random = 88172645463325252u;
  do {
    if (job.stays) sem_wait(&begun);
    if (ring) load(ring, &random);
    sem_post(&ended);
  } while (job.stays);
  return NULL;
}

static int told(const char *line) {
  char text[8];
  return fgets(text, sizeof text, stdin) && !strcmp(text, line);
}

static int failure(void) {
  if (job.failed) fprintf(stderr, "dio-baseline: %s failed\n", job.failed);
  return job.failed != NULL;
}

// Slices from go to stop until the standard input ends.
static int serve(void) {
  while (told("go\n")) {
    atomic_store(&phase, 1);
    sem_post(&begun);
    if (!told("stop\n")) return 0;
    atomic_store(&phase, 2);
    sem_wait(&ended);
    if (failure()) return 1;
    printf("{\"reads_per_second\": %.3f}\n", (double)job.reads / (double)job.nanoseconds * 1e9);
    fflush(stdout);
  }
  return 0;
}

static void wait_for(double seconds) {
  struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  nanosleep(&t, NULL);
}

int main(int argc, char **argv) {
  if (argc != 9) {
    fprintf(stderr, "usage: %s FILE BYTES BLOCK DEPTH SUBMIT COMPLETE SECONDS CPU\n"
                    "       %s stay FILE BYTES BLOCK DEPTH SUBMIT COMPLETE CPU\n", argv[0], argv[0]);
    return 64;
  }
  job.stays = !strcmp(argv[1], "stay");
  char **words = argv + 1 + job.stays;
  job.path = words[0];
  job.block = (uint32_t)atoi(words[2]);
  job.depth = (uint32_t)atoi(words[3]);
  job.submit = (uint32_t)atoi(words[4]);
  job.complete = (uint32_t)atoi(words[5]);
  job.cpu = atoi(argv[8]);
  if (job.block < 512 || job.depth < 1 || job.submit < 1 || job.complete < 1) return 64;
  job.blocks = strtoull(words[1], NULL, 10) / job.block;
  sem_init(&begun, 0, 0);
  sem_init(&ended, 0, 0);
  pthread_t thread;
  if (pthread_create(&thread, NULL, work, NULL)) return 1;
  if (job.stays) return serve();
  wait_for(0.125);
  atomic_store(&phase, 1);
  wait_for(atof(argv[7]));
  atomic_store(&phase, 2);
  pthread_join(thread, NULL);
  if (failure()) return 1;
  printf("%llu %llu\n", (unsigned long long)job.reads, (unsigned long long)job.nanoseconds);
  return 0;
}
