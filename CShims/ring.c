// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef IORING_SETUP_NO_SQARRAY
#define IORING_SETUP_NO_SQARRAY (1U << 16)  // Linux 6.6
#endif

#define SAME_PLACE(ours, theirs)                                     \
  _Static_assert(offsetof(cshims_submission, ours) ==                \
                     offsetof(struct io_uring_sqe, theirs), #theirs)
_Static_assert(sizeof(cshims_submission) == sizeof(struct io_uring_sqe), "sqe");
SAME_PLACE(operation, opcode);
SAME_PLACE(flags, flags);
SAME_PLACE(file, fd);
SAME_PLACE(offset, off);
SAME_PLACE(address, addr);
SAME_PLACE(length, len);
SAME_PLACE(operation_flags, rw_flags);
SAME_PLACE(user_data, user_data);
SAME_PLACE(buffer_index, buf_index);
_Static_assert(sizeof(cshims_completion) == sizeof(struct io_uring_cqe), "cqe");
_Static_assert(offsetof(cshims_completion, result) == offsetof(struct io_uring_cqe, res), "res");
_Static_assert(CSHIMS_RING_NOP == IORING_OP_NOP && CSHIMS_RING_READ == IORING_OP_READ &&
                   CSHIMS_RING_WRITE == IORING_OP_WRITE &&
                   CSHIMS_RING_READ_FIXED == IORING_OP_READ_FIXED &&
                   CSHIMS_RING_WRITE_FIXED == IORING_OP_WRITE_FIXED &&
                   CSHIMS_RING_FIXED_FILE == IOSQE_FIXED_FILE, "operations");

static int32_t answer(long result) { return result < 0 ? -errno : (int32_t)result; }

static int32_t enter(const cshims_ring *ring, uint32_t submit, uint32_t wait, uint32_t flags) {
  return answer(syscall(__NR_io_uring_enter, ring->entered, submit, wait,
                        flags | ring->enter_flags, NULL, 0));
}

static int32_t change(const cshims_ring *ring, uint32_t what, const void *argument,
                      uint32_t count) {
  return answer(syscall(__NR_io_uring_register, ring->descriptor, what, argument, count));
}

static int32_t map(cshims_ring *ring, const struct io_uring_params *params) {
  if (!(params->features & IORING_FEAT_SINGLE_MMAP)) return -ENOSYS;  // Linux 5.4
  uint64_t array_end = params->sq_off.array + params->sq_entries * sizeof(uint32_t);
  uint64_t bytes = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
  if (bytes < array_end) bytes = array_end;
  char *queues = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                      ring->descriptor, IORING_OFF_SQ_RING);
  if (queues == MAP_FAILED) return -errno;
  ring->queues = queues;
  ring->queue_bytes = bytes;
  void *entries = mmap(NULL, params->sq_entries * sizeof(struct io_uring_sqe),
                       PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->descriptor,
                       IORING_OFF_SQES);
  if (entries == MAP_FAILED) return -errno;
  ring->submissions = entries;
  ring->sq_entries = params->sq_entries;
  ring->setup_flags = params->flags;
  ring->sq_head = (uint32_t *)(queues + params->sq_off.head);
  ring->sq_tail = (uint32_t *)(queues + params->sq_off.tail);
  ring->sq_flags = (uint32_t *)(queues + params->sq_off.flags);
  ring->cq_head = (uint32_t *)(queues + params->cq_off.head);
  ring->cq_tail = (uint32_t *)(queues + params->cq_off.tail);
  ring->cq_mask = params->cq_entries - 1;
  ring->completions = (cshims_completion *)(queues + params->cq_off.cqes);
  if (!(params->flags & IORING_SETUP_NO_SQARRAY)) {
    uint32_t *array = (uint32_t *)(queues + params->sq_off.array);
    for (uint32_t i = 0; i < params->sq_entries; i++) array[i] = i;
  }
  return 0;
}

int32_t cshims_ring_create(uint32_t entries, uint32_t flags, uint32_t sqpoll_idle_ms,
                           int32_t sqpoll_cpu, cshims_ring **out) {
  struct io_uring_params params;
  memset(&params, 0, sizeof params);
  if (flags & CSHIMS_RING_SINGLE_ISSUER) params.flags |= IORING_SETUP_SINGLE_ISSUER;
  if (flags & CSHIMS_RING_COOP_TASKRUN) params.flags |= IORING_SETUP_COOP_TASKRUN;
  if (flags & CSHIMS_RING_DEFER_TASKRUN) params.flags |= IORING_SETUP_DEFER_TASKRUN;
  if (flags & CSHIMS_RING_IOPOLL) params.flags |= IORING_SETUP_IOPOLL;
  if (flags & CSHIMS_RING_SQPOLL) {
    params.flags |= IORING_SETUP_SQPOLL;
    params.sq_thread_idle = sqpoll_idle_ms;
    if (sqpoll_cpu >= 0) {
      params.flags |= IORING_SETUP_SQ_AFF;
      params.sq_thread_cpu = (uint32_t)sqpoll_cpu;
    }
  }
  cshims_ring *ring = calloc(1, sizeof *ring);
  if (ring == NULL) return -ENOMEM;
  params.flags |= IORING_SETUP_NO_SQARRAY;
  int32_t made = answer(syscall(__NR_io_uring_setup, entries, &params));
  if (made == -EINVAL) {
    params.flags &= ~IORING_SETUP_NO_SQARRAY;
    made = answer(syscall(__NR_io_uring_setup, entries, &params));
  }
  if (made < 0) {
    free(ring);
    return made;
  }
  ring->descriptor = ring->entered = made;
  int32_t error = map(ring, &params);
  if (error < 0) {
    cshims_ring_destroy(ring);
    return error;
  }
  *out = ring;
  return 0;
}

void cshims_ring_destroy(cshims_ring *ring) {
  if (ring->enter_flags & IORING_ENTER_REGISTERED_RING) {
    struct io_uring_rsrc_update update = {.offset = (uint32_t)ring->entered};
    change(ring, IORING_UNREGISTER_RING_FDS, &update, 1);
  }
  if (ring->submissions) {
    munmap(ring->submissions, ring->sq_entries * sizeof(struct io_uring_sqe));
  }
  if (ring->queues) munmap(ring->queues, ring->queue_bytes);
  close(ring->descriptor);
  free(ring);
}

int32_t cshims_ring_register_self(cshims_ring *ring) {
  struct io_uring_rsrc_update update = {
      .offset = UINT32_MAX, .data = (uint64_t)ring->descriptor};
  int32_t registered = change(ring, IORING_REGISTER_RING_FDS, &update, 1);
  if (registered < 0) return registered;
  ring->entered = (int32_t)update.offset;
  ring->enter_flags |= IORING_ENTER_REGISTERED_RING;
  return 0;
}

int32_t cshims_ring_register_files(cshims_ring *ring, const int32_t *fds, uint32_t count) {
  return change(ring, IORING_REGISTER_FILES, fds, count);
}

int32_t cshims_ring_register_buffers(cshims_ring *ring, void *base, uint64_t each, uint32_t count) {
  struct iovec *buffers = calloc(count, sizeof *buffers);
  if (buffers == NULL) return -ENOMEM;
  for (uint32_t i = 0; i < count; i++) {
    buffers[i].iov_base = (char *)base + (uint64_t)i * each;
    buffers[i].iov_len = each;
  }
  int32_t error = change(ring, IORING_REGISTER_BUFFERS, buffers, count);
  free(buffers);
  return error;
}

static int32_t submit_polled(cshims_ring *ring, uint32_t wait) {
  uint32_t published = ring->queued - *ring->sq_tail;
  __atomic_store_n(ring->sq_tail, ring->queued, __ATOMIC_RELEASE);
  // The kernel's thread says that it sleeps before it looks at the tail for the last time.
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  uint32_t state = __atomic_load_n(ring->sq_flags, __ATOMIC_RELAXED);
  uint32_t flags = state & IORING_SQ_NEED_WAKEUP ? IORING_ENTER_SQ_WAKEUP : 0;
  if (cshims_ring_ready(ring) < wait) flags |= IORING_ENTER_GETEVENTS;
  int32_t error = flags ? enter(ring, published, wait, flags) : 0;
  return error < 0 ? error : (int32_t)published;
}

int32_t cshims_ring_submit_and_wait(cshims_ring *ring, uint32_t wait) {
  if (ring->setup_flags & IORING_SETUP_SQPOLL) return submit_polled(ring, wait);
  __atomic_store_n(ring->sq_tail, ring->queued, __ATOMIC_RELEASE);
  int32_t submitted = 0;
  // A polling ring comes back early when a request went to the kernel's workers.
  do {
    // DEFER_TASKRUN and IOPOLL post completions only to a caller that asks for events.
    int32_t more = enter(ring, ring->queued - *ring->sq_head, wait, IORING_ENTER_GETEVENTS);
    if (more < 0) return submitted > 0 ? submitted : more;
    submitted += more;
  } while (cshims_ring_ready(ring) < wait);
  return submitted;
}
