// SPDX-License-Identifier: GPL-3.0-or-later
//
// Of cshims.h: CPUs, devices, mounts, guests and KVM.
#ifndef CSHIMS_MACHINE_H
#define CSHIMS_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- CPUs and NUMA (affinity.c) ------------------------------------------------------------

enum { CSHIMS_CPU_MASK_WORDS = 16 };  // 1024 CPUs, as glibc's cpu_set_t
int32_t cshims_set_affinity(int32_t thread, const uint64_t mask[CSHIMS_CPU_MASK_WORDS]);  // 0 = caller
int32_t cshims_get_affinity(int32_t thread, uint64_t mask[CSHIMS_CPU_MASK_WORDS]);
int32_t cshims_current_cpu(void);
bool cshims_numa_available(void);
int32_t cshims_numa_nodes(void);           // highest node number + 1; 1 without NUMA
int32_t cshims_numa_node_of_cpu(int32_t cpu);
// The calling thread's memory policy; CSHIMS_NUMA_DEFAULT ignores the node.
enum { CSHIMS_NUMA_DEFAULT = 0, CSHIMS_NUMA_BIND = 1, CSHIMS_NUMA_PREFER = 2, CSHIMS_NUMA_INTERLEAVE = 3 };
int32_t cshims_numa_set_memory_policy(int32_t policy, int32_t node);
int32_t cshims_numa_run_on_node(int32_t node);  // -1 = all nodes

// ---- devices and mounts (device.c) ---------------------------------------------------------

int32_t cshims_mount(const char *source, const char *target, const char *type, const char *options);
int32_t cshims_unmount(const char *target);
int32_t cshims_swap_on(const char *path, int32_t priority);
int32_t cshims_swap_off(const char *path);
// LOOP_CTL_GET_FREE + LOOP_CONFIGURE of /dev/loopN over `backing`; N.
int32_t cshims_loop_attach(int32_t backing, uint32_t block_bytes, bool direct_io);
int32_t cshims_loop_detach(int32_t number);

// ---- guests (guest.c) ----------------------------------------------------------------------

// The path of the agent in a guest's initramfs, which the kernel starts.
#define CSHIMS_GUEST_INIT "/init"
// Whether this process is the first one and that file exists.
bool cshims_is_guest_init(void);

// ---- KVM (kvm.c) ---------------------------------------------------------------------------

enum {
  CSHIMS_KVM_OPEN = 0,
  CSHIMS_KVM_VERSION = 1,
  CSHIMS_KVM_CREATE_MACHINE = 2,
  CSHIMS_KVM_MEMORY = 3,
  CSHIMS_KVM_CREATE_CPU = 4,
  CSHIMS_KVM_RUN = 5,
};
// Runs three real-mode instructions in a guest of its own: one byte to a port, then a halt.
// 0 when KVM reported both; else -errno (-EPROTO for any other exit) and in *stage the step
// that failed.  It may hang with a broken KVM: call it in a process that can be killed.
int32_t cshims_kvm_tiny_guest(int32_t *stage);

#endif
