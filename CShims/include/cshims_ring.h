// SPDX-License-Identifier: GPL-3.0-or-later
//
// Of cshims.h: io_uring.
#ifndef CSHIMS_RING_H
#define CSHIMS_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- io_uring (ring.c) ---------------------------------------------------------------------

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

#endif
