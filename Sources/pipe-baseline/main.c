// SPDX-License-Identifier: GPL-3.0-or-later
//
// The bare C loop that `make bench` holds Plumbline's pipe workload against: blocking writes and
// reads of one size over one pipe, one clock read an operation, one histogram entry an operation.
//
// pipe-baseline WRITERS READERS MSGSIZE PIPE_SIZE SECONDS WRITER_CPU READER_CPU NS_PER_TICK
// prints: writes, nanoseconds from the first write's start to the last one's end.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_WORKERS = 64, PLACES = 28 << 10 };

static _Atomic int phase;  // 0 wait, 1 guard, 2 measure, 3 stop
static atomic_int writers_left;
static int ends[2];
static size_t msgsize;
static double ns_per_tick;  // 0: clock_gettime instead of the TSC
static int cpu_of_role[2];

struct worker {
  pthread_t thread;
  int writes;
  uint64_t operations, first, last;
  uint32_t *histogram;
} __attribute__((aligned(128)));

static uint64_t ticks(void) {
#if defined(__x86_64__)
  if (ns_per_tick > 0) return __builtin_ia32_rdtsc();
#endif
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// Eleven significant bits, as an HDR histogram of three decimal digits keeps them.
static void record(struct worker *w, uint64_t delta) {
  uint64_t ns = ns_per_tick > 0 ? (uint64_t)((double)delta * ns_per_tick) : delta;
  int shift = 64 - __builtin_clzll(ns | 2047) - 11;
  size_t place = ((size_t)(shift + 1) << 10) + (ns >> shift) - 1024;
  w->histogram[place < PLACES ? place : PLACES - 1]++;
}

static ssize_t operate(const struct worker *w, char *buffer) {
  if (!w->writes) return read(ends[0], buffer, msgsize);
  for (size_t done = 0; done < msgsize;) {
    ssize_t n = write(ends[1], buffer + done, msgsize - done);
    if (n < 0) return n;
    done += (size_t)n;
  }
  return (ssize_t)msgsize;
}

static void *work(void *context) {
  struct worker *w = context;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu_of_role[w->writes ? 0 : 1], &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
  char *buffer = aligned_alloc(4096, (msgsize + 4095) & ~(size_t)4095);
  if (!buffer) abort();
  memset(buffer, 1, msgsize);
  while (atomic_load_explicit(&phase, memory_order_relaxed) == 0) sched_yield();
  while (atomic_load_explicit(&phase, memory_order_relaxed) == 1)
    if (operate(w, buffer) <= 0) break;
  uint64_t last = w->first = ticks();
  while (atomic_load_explicit(&phase, memory_order_relaxed) == 2) {
    if (operate(w, buffer) <= 0) break;
    uint64_t now = ticks();
    record(w, now - last);
    w->operations++;
    last = now;
  }
  w->last = last;
  if (w->writes) {
    if (atomic_fetch_sub(&writers_left, 1) == 1) close(ends[1]);
  } else {
    while (read(ends[0], buffer, msgsize) > 0) {}
  }
  free(buffer);
  return NULL;
}

static void wait_for(double seconds) {
  struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  nanosleep(&t, NULL);
}

int main(int argc, char **argv) {
  if (argc != 9) {
    fprintf(stderr, "usage: %s WRITERS READERS MSGSIZE PIPE_SIZE SECONDS WRITER_CPU READER_CPU "
                    "NS_PER_TICK\n", argv[0]);
    return 64;
  }
  int writers = atoi(argv[1]), readers = atoi(argv[2]);
  msgsize = strtoul(argv[3], NULL, 10);
  double seconds = atof(argv[5]);
  cpu_of_role[0] = atoi(argv[6]);
  cpu_of_role[1] = atoi(argv[7]);
  ns_per_tick = atof(argv[8]);
  if (writers < 1 || readers < 1 || writers + readers > MAX_WORKERS || msgsize < 1) return 64;
  if (pipe2(ends, O_CLOEXEC) < 0) return 1;
  if (fcntl(ends[1], F_SETPIPE_SZ, atoi(argv[4])) < 0) return 1;
  static struct worker workers[MAX_WORKERS];
  atomic_store(&writers_left, writers);
  for (int i = 0; i < writers + readers; i++) {
    workers[i].writes = i < writers;
    workers[i].histogram = calloc(PLACES, sizeof(uint32_t));
    if (pthread_create(&workers[i].thread, NULL, work, &workers[i])) return 1;
  }
  wait_for(0.05);
  atomic_store(&phase, 1);
  wait_for(0.125);
  atomic_store(&phase, 2);
  wait_for(seconds);
  atomic_store(&phase, 3);
  uint64_t operations = 0, first = UINT64_MAX, last = 0;
  for (int i = 0; i < writers + readers; i++) {
    pthread_join(workers[i].thread, NULL);
    if (!workers[i].writes) continue;
    operations += workers[i].operations;
    if (workers[i].first < first) first = workers[i].first;
    if (workers[i].last > last) last = workers[i].last;
  }
  double span = (double)(last - first) * (ns_per_tick > 0 ? ns_per_tick : 1);
  printf("%llu %.0f\n", (unsigned long long)operations, span);
  return 0;
}
