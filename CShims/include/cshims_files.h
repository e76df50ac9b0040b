// SPDX-License-Identifier: GPL-3.0-or-later
//
// Of cshims.h: open files, paths and names.
#ifndef CSHIMS_FILES_H
#define CSHIMS_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- descriptors (descriptor.c) ------------------------------------------------------------

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

// statx(2) of an open file, with the ioctls of a block device; one that is open as a path alone
// has no capacity and no block.
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
int32_t cshims_memory_file(const char *name);  // memfd_create
int64_t cshims_read(int32_t fd, void *buffer, uint64_t count);
int64_t cshims_write(int32_t fd, const void *buffer, uint64_t count);
int64_t cshims_pread(int32_t fd, void *buffer, uint64_t count, uint64_t offset);
int64_t cshims_pwrite(int32_t fd, const void *buffer, uint64_t count, uint64_t offset);
int32_t cshims_truncate(int32_t fd, uint64_t size);
int32_t cshims_set_mode(int32_t fd, uint32_t mode);  // fchmod
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

// ---- paths and names (path.c) --------------------------------------------------------------

int32_t cshims_exists(const char *path);  // access(2); -ENOENT
int32_t cshims_make_directory(const char *path, uint32_t mode);
int32_t cshims_remove_directory(const char *path);
int32_t cshims_unlink(const char *path);
// rename(2); without `replace` -EEXIST where there is something of the new name, in one step.
int32_t cshims_rename(const char *from, const char *to, bool replace);
// readlink(2), ended by a NUL; the bytes used, or -ERANGE when `capacity` is too small.
int64_t cshims_read_link(const char *path, char *buffer, uint64_t capacity);
// The entries of a directory without "." and "..", each name ended by a NUL; the bytes
// used, or -ERANGE when `capacity` is too small.
int64_t cshims_list_directory(const char *path, char *buffer, uint64_t capacity);
// uname(2): release, version, machine and host name, each ended by a NUL; the bytes used.
int64_t cshims_uname(char *buffer, uint64_t capacity);

#endif
