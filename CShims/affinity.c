// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <errno.h>
#include <numa.h>
#include <numaif.h>
#include <sched.h>
#include <string.h>

_Static_assert(sizeof(cpu_set_t) == CSHIMS_CPU_MASK_WORDS * sizeof(uint64_t), "1024 CPUs");

int32_t cshims_set_affinity(int32_t thread, const uint64_t mask[CSHIMS_CPU_MASK_WORDS]) {
  cpu_set_t set;
  memcpy(&set, mask, sizeof set);
  return sched_setaffinity(thread, sizeof set, &set) < 0 ? -errno : 0;
}

int32_t cshims_get_affinity(int32_t thread, uint64_t mask[CSHIMS_CPU_MASK_WORDS]) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(thread, sizeof set, &set) < 0) return -errno;
  memcpy(mask, &set, sizeof set);
  return 0;
}

int32_t cshims_current_cpu(void) {
  int cpu = sched_getcpu();
  return cpu < 0 ? -errno : cpu;
}

bool cshims_numa_available(void) { return numa_available() >= 0; }

int32_t cshims_numa_nodes(void) { return numa_available() < 0 ? 1 : numa_max_node() + 1; }

int32_t cshims_numa_node_of_cpu(int32_t cpu) {
  if (numa_available() < 0) return 0;
  int node = numa_node_of_cpu(cpu);
  return node < 0 ? -errno : node;
}

int32_t cshims_numa_set_memory_policy(int32_t policy, int32_t node) {
  static const int modes[] = {MPOL_DEFAULT, MPOL_BIND, MPOL_PREFERRED, MPOL_INTERLEAVE};
  if (policy < CSHIMS_NUMA_DEFAULT || policy > CSHIMS_NUMA_INTERLEAVE) return -EINVAL;
  if (numa_available() < 0) return -ENOSYS;
  if (policy == CSHIMS_NUMA_DEFAULT) {
    return set_mempolicy(MPOL_DEFAULT, NULL, 0) < 0 ? -errno : 0;
  }
  struct bitmask *nodes;
  if (policy == CSHIMS_NUMA_INTERLEAVE && node < 0) {
    nodes = numa_get_mems_allowed();
  } else {
    if (node < 0 || node > numa_max_node()) return -EINVAL;
    nodes = numa_allocate_nodemask();
    if (nodes != NULL) numa_bitmask_setbit(nodes, (unsigned)node);
  }
  if (nodes == NULL) return -ENOMEM;
  long failed = set_mempolicy(modes[policy], nodes->maskp, nodes->size + 1);
  int32_t result = failed < 0 ? -errno : 0;
  numa_bitmask_free(nodes);
  return result;
}

int32_t cshims_numa_run_on_node(int32_t node) {
  if (numa_available() < 0) return -ENOSYS;
  return numa_run_on_node(node) < 0 ? -errno : 0;
}
