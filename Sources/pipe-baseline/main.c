// SPDX-License-Identifier: GPL-3.0-or-later
//
// The bare C loop that `make bench` and the suite `peers` hold Plumbline's pipe workload against:
// blocking writes and reads of one size over one pipe, one clock read an operation, one histogram
// entry an operation.
//
// pipe-baseline WRITERS READERS MSGSIZE PIPE_SIZE SECONDS WRITER_CPU READER_CPU NS_PER_TICK
// prints: writes, nanoseconds from the first write's start to the last one's end.
//
// pipe-baseline stay WRITERS READERS MSGSIZE PIPE_SIZE WRITER_CPU READER_CPU
// reads go and stop from its standard input, line by line, and writes from the one to the other.
// At stop it prints {"writes_per_second": N}.
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
#include <time.h>
#include <unistd.h>

enum { MAX_WORKERS = 64, PLACES = 28 << 10 };

static _Atomic int phase;  // 0 wait, 1 guard, 2 measure, 3 stop
static atomic_int writers_left;
static sem_t ended;        // a resident writer has ended its slice
static atomic_int failed;  // a write or a read of a resident worker did
static int ends[2];
static size_t msgsize;
static double ns_per_tick;  // 0: clock_gettime instead of the TSC
static int cpu_of_role[2];

struct worker {
  pthread_t thread;
  int writes;
  uint64_t operations, first, last;
  uint32_t *histogram;
  sem_t go;
} __attribute__((aligned(128)));

static struct worker workers[MAX_WORKERS];

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

// Pins the calling thread and makes its buffer.
static char *settle(const struct worker *w) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu_of_role[w->writes ? 0 : 1], &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
  char *buffer = aligned_alloc(4096, (msgsize + 4095) & ~(size_t)4095);
  if (!buffer) abort();
  memset(buffer, 1, msgsize);
  return buffer;
}

// Counts operations until the phase ends.
static void measure(struct worker *w, char *buffer) {
  w->operations = 0;
  uint64_t last = w->first = ticks();
  while (atomic_load_explicit(&phase, memory_order_relaxed) == 2) {
    if (operate(w, buffer) <= 0) {
      atomic_store(&failed, 1);
      break;
    }
    uint64_t now = ticks();
    record(w, now - last);
    w->operations++;
    last = now;
  }
  w->last = last;
}

static void *work(void *context) {
  struct worker *w = context;
  char *buffer = settle(w);
  while (atomic_load_explicit(&phase, memory_order_relaxed) == 0) sched_yield();
  while (atomic_load_explicit(&phase, memory_order_relaxed) == 1)
    if (operate(w, buffer) <= 0) break;
  measure(w, buffer);
  if (w->writes) {
    if (atomic_fetch_sub(&writers_left, 1) == 1) close(ends[1]);
  } else {
    while (read(ends[0], buffer, msgsize) > 0) {}
  }
  free(buffer);
  return NULL;
}

// A resident worker: a writer waits for each slice, and a reader waits in read(2) between them.
static void *stay(void *context) {
  struct worker *w = context;
  char *buffer = settle(w);
  while (w->writes) {
    sem_wait(&w->go);
    measure(w, buffer);
    sem_post(&ended);
  }
  uint64_t last = ticks();
  while (operate(w, buffer) > 0) {
    uint64_t now = ticks();
    record(w, now - last);
    last = now;
  }
  atomic_store(&failed, 1);
  return NULL;
}

// Writes per second of all writers together, from the first one's start to the last one's end;
// writers are the first workers.
static double rate(int writers, uint64_t *operations, double *span) {
  uint64_t first = UINT64_MAX, last = 0;
  *operations = 0;
  for (int i = 0; i < writers; i++) {
    *operations += workers[i].operations;
    if (workers[i].first < first) first = workers[i].first;
    if (workers[i].last > last) last = workers[i].last;
  }
  *span = (double)(last - first) * (ns_per_tick > 0 ? ns_per_tick : 1);
  return *span > 0 ? (double)*operations / *span * 1e9 : 0;
}

static int told(const char *line) {
  char text[8];
  return fgets(text, sizeof text, stdin) && !strcmp(text, line);
}

// Slices from go to stop until the standard input ends.
static int serve(int writers) {
  uint64_t operations;
  double span;
  while (told("go\n")) {
    atomic_store(&phase, 2);
    for (int i = 0; i < writers; i++) sem_post(&workers[i].go);
    if (!told("stop\n")) return 0;
    atomic_store(&phase, 3);
    for (int i = 0; i < writers; i++) sem_wait(&ended);
    if (atomic_load(&failed)) {
      fprintf(stderr, "pipe-baseline: a write or a read failed\n");
      return 1;
    }
    printf("{\"writes_per_second\": %.3f}\n", rate(writers, &operations, &span));
    fflush(stdout);
  }
  return 0;
}

static void wait_for(double seconds) {
  struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  nanosleep(&t, NULL);
}

int main(int argc, char **argv) {
  int stays = argc == 8 && !strcmp(argv[1], "stay");
  if (argc != 9 && !stays) {
    fprintf(stderr, "usage: %s WRITERS READERS MSGSIZE PIPE_SIZE SECONDS WRITER_CPU READER_CPU "
                    "NS_PER_TICK\n       %s stay WRITERS READERS MSGSIZE PIPE_SIZE WRITER_CPU "
                    "READER_CPU\n", argv[0], argv[0]);
    return 64;
  }
  char **sizes = argv + (stays ? 2 : 1), **cpus = argv + 6;
  int writers = atoi(sizes[0]), readers = atoi(sizes[1]);
  msgsize = strtoul(sizes[2], NULL, 10);
  cpu_of_role[0] = atoi(cpus[0]);
  cpu_of_role[1] = atoi(cpus[1]);
  ns_per_tick = stays ? 0 : atof(argv[8]);
  if (writers < 1 || readers < 1 || writers + readers > MAX_WORKERS || msgsize < 1) return 64;
  if (pipe2(ends, O_CLOEXEC) < 0) return 1;
  if (fcntl(ends[1], F_SETPIPE_SZ, atoi(sizes[3])) < 0) return 1;
  atomic_store(&writers_left, writers);
  sem_init(&ended, 0, 0);
  for (int i = 0; i < writers + readers; i++) {
    workers[i].writes = i < writers;
    workers[i].histogram = calloc(PLACES, sizeof(uint32_t));
    sem_init(&workers[i].go, 0, 0);
    if (pthread_create(&workers[i].thread, NULL, stays ? stay : work, &workers[i])) return 1;
  }
  if (stays) return serve(writers);
  wait_for(0.05);
  atomic_store(&phase, 1);
  wait_for(0.125);
  atomic_store(&phase, 2);
  wait_for(atof(argv[5]));
  atomic_store(&phase, 3);
  for (int i = 0; i < writers + readers; i++) pthread_join(workers[i].thread, NULL);
  uint64_t operations;
  double span;
  rate(writers, &operations, &span);
  printf("%llu %.0f\n", (unsigned long long)operations, span);
  return 0;
}
