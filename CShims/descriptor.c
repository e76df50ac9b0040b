// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

_Static_assert(CSHIMS_POLL_IN == POLLIN && CSHIMS_POLL_OUT == POLLOUT, "poll bits");
_Static_assert(CSHIMS_POLL_ERR == POLLERR && CSHIMS_POLL_HUP == POLLHUP, "poll bits");
_Static_assert(sizeof(off_t) == sizeof(uint64_t), "file offsets have 64 bits");

int32_t cshims_open(const char *path, uint32_t flags, uint32_t mode) {
  int how = O_CLOEXEC;
  if (flags & CSHIMS_OPEN_READ_WRITE) {
    how |= O_RDWR;
  } else {
    how |= (flags & CSHIMS_OPEN_WRITE) ? O_WRONLY : O_RDONLY;
  }
  if (flags & CSHIMS_OPEN_CREATE) how |= O_CREAT;
  if (flags & CSHIMS_OPEN_TRUNCATE) how |= O_TRUNC;
  if (flags & CSHIMS_OPEN_DIRECT) how |= O_DIRECT;
  if (flags & CSHIMS_OPEN_EXCLUSIVE) how |= O_EXCL;
  if (flags & CSHIMS_OPEN_APPEND) how |= O_APPEND;
  if (flags & CSHIMS_OPEN_DIRECTORY) how |= O_DIRECTORY;
  if (flags & CSHIMS_OPEN_TEMPORARY) how |= O_TMPFILE;
  if (flags & CSHIMS_OPEN_NONBLOCK) how |= O_NONBLOCK;
  if (flags & CSHIMS_OPEN_NOATIME) how |= O_NOATIME;
  if (flags & CSHIMS_OPEN_PATH) how |= O_PATH;
  if (flags & CSHIMS_OPEN_NOFOLLOW) how |= O_NOFOLLOW;
  int fd = open(path, how, (mode_t)mode);
  return fd < 0 ? -errno : fd;
}

int32_t cshims_close(int32_t fd) { return close(fd) < 0 ? -errno : 0; }

int32_t cshims_duplicate(int32_t fd) {
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  return copy < 0 ? -errno : copy;
}

int32_t cshims_memory_file(const char *name) {
  int fd = memfd_create(name, MFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int64_t cshims_read(int32_t fd, void *buffer, uint64_t count) {
  ssize_t n = read(fd, buffer, count);
  return n < 0 ? -errno : n;
}

int64_t cshims_write(int32_t fd, const void *buffer, uint64_t count) {
  ssize_t n = write(fd, buffer, count);
  return n < 0 ? -errno : n;
}

int64_t cshims_pread(int32_t fd, void *buffer, uint64_t count, uint64_t offset) {
  ssize_t n = pread(fd, buffer, count, (off_t)offset);
  return n < 0 ? -errno : n;
}

int64_t cshims_pwrite(int32_t fd, const void *buffer, uint64_t count, uint64_t offset) {
  ssize_t n = pwrite(fd, buffer, count, (off_t)offset);
  return n < 0 ? -errno : n;
}

int32_t cshims_truncate(int32_t fd, uint64_t size) {
  return ftruncate(fd, (off_t)size) < 0 ? -errno : 0;
}

int32_t cshims_set_mode(int32_t fd, uint32_t mode) {
  return fchmod(fd, (mode_t)mode) < 0 ? -errno : 0;
}

int32_t cshims_allocate(int32_t fd, uint64_t size) {
  return -posix_fallocate(fd, 0, (off_t)size);  // returns the error, leaves errno alone
}

int32_t cshims_sync(int32_t fd) { return fsync(fd) < 0 ? -errno : 0; }

int32_t cshims_data_sync(int32_t fd) { return fdatasync(fd) < 0 ? -errno : 0; }

int32_t cshims_drop_cache(int32_t fd) {
  return -posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);  // returns the error
}

int32_t cshims_lock_exclusive(int32_t fd) {
  return flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

int32_t cshims_lock_shared(int32_t fd) {
  return flock(fd, LOCK_SH | LOCK_NB) < 0 ? -errno : 0;
}

// The logical block of a block device by its number; a partition has no queue of its own,
// its parent directory has.  0 when sysfs does not know the number (tmpfs, btrfs, overlay).
static uint32_t logical_block_of(uint32_t major_number, uint32_t minor_number) {
  static const char *const forms[] = {
      "/sys/dev/block/%u:%u/queue/logical_block_size",
      "/sys/dev/block/%u:%u/../queue/logical_block_size",
  };
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    char path[96];
    snprintf(path, sizeof path, forms[i], major_number, minor_number);
    FILE *file = fopen(path, "re");
    if (file == NULL) continue;
    unsigned bytes = 0;
    int matched = fscanf(file, "%u", &bytes);
    fclose(file);
    if (matched == 1) return bytes;
  }
  return 0;
}

int32_t cshims_file_facts_of(int32_t fd, cshims_file_facts *out) {
  struct statx sx;
  memset(&sx, 0, sizeof sx);
  if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_DIOALIGN, &sx) < 0) return -errno;
  memset(out, 0, sizeof *out);
  out->size_bytes = sx.stx_size;
  out->inode = sx.stx_ino;
  out->mode = sx.stx_mode;
  out->owner = sx.stx_uid;
  out->device_major = sx.stx_dev_major;
  out->device_minor = sx.stx_dev_minor;
  if (sx.stx_mask & STATX_DIOALIGN) {
    out->dio_reported = 1;
    out->dio_memory_alignment = sx.stx_dio_mem_align;
    out->dio_offset_alignment = sx.stx_dio_offset_align;
  }
  if (S_ISBLK(sx.stx_mode)) {
    out->device_major = sx.stx_rdev_major;
    out->device_minor = sx.stx_rdev_minor;
    int logical = 0;
    if (ioctl(fd, BLKGETSIZE64, &out->size_bytes) < 0 && errno != EBADF) return -errno;
    if (ioctl(fd, BLKSSZGET, &logical) < 0 && errno != EBADF) return -errno;
    out->logical_block_bytes = (uint32_t)logical;
  } else {
    out->logical_block_bytes = logical_block_of(sx.stx_dev_major, sx.stx_dev_minor);
  }
  return 0;
}

int32_t cshims_filesystem_facts_of(int32_t fd, cshims_filesystem_facts *out) {
  struct statfs fs;
  if (fstatfs(fd, &fs) < 0) return -errno;
  uint64_t block = fs.f_frsize > 0 ? (uint64_t)fs.f_frsize : (uint64_t)fs.f_bsize;
  out->type_magic = (uint64_t)fs.f_type & UINT32_MAX;
  out->free_bytes = (uint64_t)fs.f_bavail * block;
  out->total_bytes = (uint64_t)fs.f_blocks * block;
  return 0;
}

int32_t cshims_poll(int32_t fd, int32_t events, int32_t timeout_ms) {
  struct pollfd one = {.fd = fd, .events = (short)events};
  int n = poll(&one, 1, timeout_ms);
  if (n < 0) return -errno;
  if (one.revents & POLLNVAL) return -EBADF;
  return one.revents;
}
