// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/swap.h>
#include <unistd.h>

int32_t cshims_mount(const char *source, const char *target, const char *type,
                     const char *options) {
  return mount(source, target, type, 0, options) < 0 ? -errno : 0;
}

int32_t cshims_unmount(const char *target) { return umount2(target, 0) < 0 ? -errno : 0; }

int32_t cshims_swap_on(const char *path, int32_t priority) {
  int flags = 0;
  if (priority >= 0) flags = SWAP_FLAG_PREFER | (priority & SWAP_FLAG_PRIO_MASK);
  return swapon(path, flags) < 0 ? -errno : 0;
}

int32_t cshims_swap_off(const char *path) { return swapoff(path) < 0 ? -errno : 0; }

static int open_loop(int32_t number) {
  char path[32];
  snprintf(path, sizeof path, "/dev/loop%d", number);
  int fd = open(path, O_RDWR | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int32_t cshims_loop_attach(int32_t backing, uint32_t block_bytes, bool direct_io) {
  int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
  if (control < 0) return -errno;
  int number = ioctl(control, LOOP_CTL_GET_FREE);
  int32_t result = number < 0 ? -errno : number;
  close(control);
  if (result < 0) return result;
  int device = open_loop(number);
  if (device < 0) return device;
  struct loop_config config;
  memset(&config, 0, sizeof config);
  config.fd = (uint32_t)backing;
  config.block_size = block_bytes;
  if (direct_io) config.info.lo_flags = LO_FLAGS_DIRECT_IO;
  if (ioctl(device, LOOP_CONFIGURE, &config) < 0) result = -errno;
  close(device);
  return result;
}

int32_t cshims_loop_detach(int32_t number) {
  int device = open_loop(number);
  if (device < 0) return device;
  int32_t result = ioctl(device, LOOP_CLR_FD) < 0 ? -errno : 0;
  close(device);
  return result;
}
