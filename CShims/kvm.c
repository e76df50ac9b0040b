// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__)

enum { GUEST_START = 0x1000, GUEST_BYTES = 0x1000, GUEST_PORT = 0xe9 };

static int32_t prepare_registers(int cpu) {
  struct kvm_sregs segments;
  if (ioctl(cpu, KVM_GET_SREGS, &segments) < 0) return -errno;
  segments.cs.base = 0;
  segments.cs.selector = 0;
  if (ioctl(cpu, KVM_SET_SREGS, &segments) < 0) return -errno;
  struct kvm_regs registers;
  memset(&registers, 0, sizeof registers);
  registers.rip = GUEST_START;
  registers.rflags = 2;
  return ioctl(cpu, KVM_SET_REGS, &registers) < 0 ? -errno : 0;
}

static int32_t run_until_exit(int cpu, const struct kvm_run *run) {
  while (ioctl(cpu, KVM_RUN, 0) < 0) {
    if (errno != EINTR) return -errno;
  }
  return (int32_t)run->exit_reason;
}

// The guest must write to its port and then halt, in this order and nothing else.
static int32_t run_guest(int kvm, int cpu) {
  int bytes = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
  if (bytes < 0) return -errno;
  struct kvm_run *run = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
  if (run == MAP_FAILED) return -errno;
  int32_t result = prepare_registers(cpu);
  if (result == 0) result = run_until_exit(cpu, run);
  if (result == KVM_EXIT_IO && run->io.direction == KVM_EXIT_IO_OUT && run->io.port == GUEST_PORT &&
      *((const char *)run + run->io.data_offset) == 'x') {
    result = run_until_exit(cpu, run);
    if (result == KVM_EXIT_HLT) result = 0;
  }
  munmap(run, (size_t)bytes);
  return result > 0 ? -EPROTO : result;
}

static int32_t run_in_vm(int kvm, int vm, void *memory, int32_t *stage) {
  static const uint8_t code[] = {0xb0, 'x', 0xe6, GUEST_PORT, 0xf4};  // mov al; out; hlt
  memcpy(memory, code, sizeof code);
  struct kvm_userspace_memory_region region = {
      .guest_phys_addr = GUEST_START,
      .memory_size = GUEST_BYTES,
      .userspace_addr = (uint64_t)(uintptr_t)memory,
  };
  *stage = CSHIMS_KVM_MEMORY;
  if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) < 0) return -errno;
  *stage = CSHIMS_KVM_CREATE_CPU;
  int cpu = ioctl(vm, KVM_CREATE_VCPU, 0L);
  if (cpu < 0) return -errno;
  *stage = CSHIMS_KVM_RUN;
  int32_t result = run_guest(kvm, cpu);
  close(cpu);
  return result;
}

static int32_t run_with_device(int kvm, int32_t *stage) {
  *stage = CSHIMS_KVM_VERSION;
  int version = ioctl(kvm, KVM_GET_API_VERSION, 0);
  if (version < 0) return -errno;
  if (version != KVM_API_VERSION) return -EPROTO;
  *stage = CSHIMS_KVM_CREATE_MACHINE;
  int vm = ioctl(kvm, KVM_CREATE_VM, 0L);
  if (vm < 0) return -errno;
  void *memory =
      mmap(NULL, GUEST_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int32_t result = -ENOMEM;
  if (memory != MAP_FAILED) {
    result = run_in_vm(kvm, vm, memory, stage);
    munmap(memory, GUEST_BYTES);
  }
  close(vm);
  return result;
}

int32_t cshims_kvm_tiny_guest(int32_t *stage) {
  *stage = CSHIMS_KVM_OPEN;
  int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
  if (kvm < 0) return -errno;
  int32_t result = run_with_device(kvm, stage);
  close(kvm);
  return result;
}

#else

int32_t cshims_kvm_tiny_guest(int32_t *stage) {
  *stage = CSHIMS_KVM_OPEN;
  return -ENOSYS;
}

#endif
