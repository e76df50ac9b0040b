// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

struct cshims_ring {
  struct io_uring uring;
};

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
  int error = io_uring_queue_init_params(entries, &ring->uring, &params);
  if (error < 0) {
    free(ring);
    return error;
  }
  *out = ring;
  return 0;
}

void cshims_ring_destroy(cshims_ring *ring) {
  io_uring_queue_exit(&ring->uring);
  free(ring);
}

int32_t cshims_ring_register_self(cshims_ring *ring) {
  int registered = io_uring_register_ring_fd(&ring->uring);
  return registered < 0 ? registered : 0;
}

int32_t cshims_ring_register_files(cshims_ring *ring, const int32_t *fds, uint32_t count) {
  return io_uring_register_files(&ring->uring, fds, count);
}

int32_t cshims_ring_register_buffers(cshims_ring *ring, void *base, uint64_t each, uint32_t count) {
  struct iovec *buffers = calloc(count, sizeof *buffers);
  if (buffers == NULL) return -ENOMEM;
  for (uint32_t i = 0; i < count; i++) {
    buffers[i].iov_base = (char *)base + (uint64_t)i * each;
    buffers[i].iov_len = each;
  }
  int error = io_uring_register_buffers(&ring->uring, buffers, count);
  free(buffers);
  return error;
}

uint32_t cshims_ring_space_left(cshims_ring *ring) { return io_uring_sq_space_left(&ring->uring); }

int32_t cshims_ring_queue_read(cshims_ring *ring, int32_t file, bool fixed_file, void *buffer,
                               uint32_t count, uint64_t offset, int32_t buffer_index,
                               uint64_t user_data) {
  struct io_uring_sqe *sqe = io_uring_get_sqe(&ring->uring);
  if (sqe == NULL) return -EAGAIN;
  if (buffer_index >= 0) {
    io_uring_prep_read_fixed(sqe, file, buffer, count, offset, buffer_index);
  } else {
    io_uring_prep_read(sqe, file, buffer, count, offset);
  }
  if (fixed_file) io_uring_sqe_set_flags(sqe, IOSQE_FIXED_FILE);
  io_uring_sqe_set_data64(sqe, user_data);
  return 0;
}

int32_t cshims_ring_queue_write(cshims_ring *ring, int32_t file, bool fixed_file,
                                const void *buffer, uint32_t count, uint64_t offset,
                                int32_t buffer_index, uint64_t user_data) {
  struct io_uring_sqe *sqe = io_uring_get_sqe(&ring->uring);
  if (sqe == NULL) return -EAGAIN;
  if (buffer_index >= 0) {
    io_uring_prep_write_fixed(sqe, file, buffer, count, offset, buffer_index);
  } else {
    io_uring_prep_write(sqe, file, buffer, count, offset);
  }
  if (fixed_file) io_uring_sqe_set_flags(sqe, IOSQE_FIXED_FILE);
  io_uring_sqe_set_data64(sqe, user_data);
  return 0;
}

int32_t cshims_ring_queue_nop(cshims_ring *ring, uint64_t user_data) {
  struct io_uring_sqe *sqe = io_uring_get_sqe(&ring->uring);
  if (sqe == NULL) return -EAGAIN;
  io_uring_prep_nop(sqe);
  io_uring_sqe_set_data64(sqe, user_data);
  return 0;
}

int32_t cshims_ring_submit_and_wait(cshims_ring *ring, uint32_t wait) {
  struct io_uring *uring = &ring->uring;
  if (uring->flags & IORING_SETUP_SQPOLL) {
    // The kernel's thread submits: enter the kernel only to sleep, or to wake it.
    return io_uring_submit_and_wait(uring, io_uring_cq_ready(uring) >= wait ? 0 : wait);
  }
  if (wait == 0) {
    // DEFER_TASKRUN and IOPOLL post completions only to a caller that asks for events.
    return io_uring_submit_and_get_events(uring);
  }
  int submitted = io_uring_submit_and_wait(uring, wait);
  // A polling ring comes back early when a request went to the kernel's workers.
  while (submitted >= 0 && io_uring_cq_ready(uring) < wait) {
    int more = io_uring_submit_and_wait(uring, wait);
    if (more < 0) return submitted > 0 ? submitted : more;
    submitted += more;
  }
  return submitted;
}

uint32_t cshims_ring_reap(cshims_ring *ring, cshims_completion *out, uint32_t max) {
  struct io_uring_cqe *cqe;
  unsigned head;
  uint32_t taken = 0;
  io_uring_for_each_cqe(&ring->uring, head, cqe) {
    if (taken == max) break;
    out[taken].user_data = cqe->user_data;
    out[taken].result = cqe->res;
    taken++;
  }
  io_uring_cq_advance(&ring->uring, taken);
  return taken;
}
