// SPDX-License-Identifier: GPL-3.0-or-later
//
// C bodies for the Linux calls that Swift cannot reach by itself.
//
// Every function that can fail returns its result (>= 0) or -errno.  Only
// fixed-width integers, plain structs of them and opaque structs appear here:
// GNU and kernel headers stay in the .c files.  No policy, no logic.
#ifndef CSHIMS_H
#define CSHIMS_H

#include "cshims_counters.h"
#include "cshims_files.h"
#include "cshims_machine.h"
#include "cshims_memory.h"
#include "cshims_pipes.h"
#include "cshims_processes.h"
#include "cshims_ring.h"

#endif
