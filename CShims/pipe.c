// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

_Static_assert(CSHIMS_SPLICE_MOVE == SPLICE_F_MOVE, "splice bits");

int32_t cshims_pipe(int32_t ends[2], uint32_t flags) {
  int how = O_CLOEXEC;
  if (flags & CSHIMS_PIPE_NONBLOCK) how |= O_NONBLOCK;
  if (flags & CSHIMS_PIPE_PACKET) how |= O_DIRECT;
  return pipe2(ends, how) < 0 ? -errno : 0;
}

int32_t cshims_pipe_set_flags(int32_t fd, uint32_t flags) {
  int how = 0;
  if (flags & CSHIMS_PIPE_NONBLOCK) how |= O_NONBLOCK;
  if (flags & CSHIMS_PIPE_PACKET) how |= O_DIRECT;
  return fcntl(fd, F_SETFL, how) < 0 ? -errno : 0;
}

int64_t cshims_pipe_set_size(int32_t fd, uint64_t bytes) {
  if (bytes > INT_MAX) return -EINVAL;  // the argument is an int to F_SETPIPE_SZ
  int granted = fcntl(fd, F_SETPIPE_SZ, (int)bytes);
  return granted < 0 ? -errno : granted;
}

int64_t cshims_pipe_get_size(int32_t fd) {
  int bytes = fcntl(fd, F_GETPIPE_SZ);
  return bytes < 0 ? -errno : bytes;
}

int64_t cshims_pipe_readable(int32_t fd) {
  int bytes = 0;
  return ioctl(fd, FIONREAD, &bytes) < 0 ? -errno : bytes;
}

int64_t cshims_splice(int32_t from, int64_t *from_offset, int32_t to, int64_t *to_offset,
                      uint64_t count, uint32_t flags) {
  off64_t *in = from_offset != NULL && *from_offset >= 0 ? from_offset : NULL;
  off64_t *out = to_offset != NULL && *to_offset >= 0 ? to_offset : NULL;
  ssize_t n = splice(from, in, to, out, count, flags);
  return n < 0 ? -errno : n;
}

int64_t cshims_vmsplice(int32_t pipe, const void *buffer, uint64_t count, bool gift,
                        bool nonblock) {
  struct iovec one = {.iov_base = (void *)(uintptr_t)buffer, .iov_len = count};
  unsigned flags = (gift ? SPLICE_F_GIFT : 0) | (nonblock ? SPLICE_F_NONBLOCK : 0);
  ssize_t n = vmsplice(pipe, &one, 1, flags);
  return n < 0 ? -errno : n;
}

int64_t cshims_tee(int32_t from, int32_t to, uint64_t count, uint32_t flags) {
  ssize_t n = tee(from, to, count, flags);
  return n < 0 ? -errno : n;
}
