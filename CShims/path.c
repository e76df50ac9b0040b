// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

int32_t cshims_exists(const char *path) { return access(path, F_OK) < 0 ? -errno : 0; }

int32_t cshims_make_directory(const char *path, uint32_t mode) {
  return mkdir(path, (mode_t)mode) < 0 ? -errno : 0;
}

int32_t cshims_remove_directory(const char *path) { return rmdir(path) < 0 ? -errno : 0; }

int32_t cshims_unlink(const char *path) { return unlink(path) < 0 ? -errno : 0; }

int32_t cshims_rename(const char *from, const char *to, bool replace) {
  if (replace) return rename(from, to) < 0 ? -errno : 0;
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
  // NFS and some others do not know the flag.
  if (errno != EINVAL && errno != ENOSYS) return -errno;
  if (link(from, to) < 0) return -errno;
  return unlink(from) < 0 ? -errno : 0;
}

int64_t cshims_read_link(const char *path, char *buffer, uint64_t capacity) {
  ssize_t length = readlink(path, buffer, capacity);
  if (length < 0) return -errno;
  if ((uint64_t)length >= capacity) return -ERANGE;
  buffer[length] = 0;
  return length + 1;
}

// Appends `text` and its NUL at `used`; the new `used`, or -ERANGE.
static int64_t append(char *buffer, uint64_t capacity, int64_t used, const char *text) {
  uint64_t length = strlen(text) + 1;
  if ((uint64_t)used + length > capacity) return -ERANGE;
  memcpy(buffer + used, text, length);
  return used + (int64_t)length;
}

int64_t cshims_list_directory(const char *path, char *buffer, uint64_t capacity) {
  DIR *directory = opendir(path);
  if (directory == NULL) return -errno;
  int64_t used = 0;
  while (used >= 0) {
    errno = 0;
    const struct dirent *entry = readdir(directory);
    if (entry == NULL) {
      if (errno != 0) used = -errno;
      break;
    }
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    used = append(buffer, capacity, used, entry->d_name);
  }
  closedir(directory);
  return used;
}

int64_t cshims_uname(char *buffer, uint64_t capacity) {
  struct utsname names;
  if (uname(&names) < 0) return -errno;
  const char *const fields[] = {names.release, names.version, names.machine, names.nodename};
  int64_t used = 0;
  for (size_t i = 0; i < sizeof fields / sizeof fields[0] && used >= 0; i++) {
    used = append(buffer, capacity, used, fields[i]);
  }
  return used;
}
