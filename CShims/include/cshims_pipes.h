// SPDX-License-Identifier: GPL-3.0-or-later
//
// Of cshims.h: pipes and splices.
#ifndef CSHIMS_PIPES_H
#define CSHIMS_PIPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- pipes (pipe.c) ------------------------------------------------------------------------

enum { CSHIMS_PIPE_NONBLOCK = 1, CSHIMS_PIPE_PACKET = 2 };  // O_CLOEXEC is always set
int32_t cshims_pipe(int32_t ends[2], uint32_t flags);        // ends[0] reads
int64_t cshims_pipe_set_size(int32_t fd, uint64_t bytes);    // the size granted
int64_t cshims_pipe_get_size(int32_t fd);
int32_t cshims_pipe_set_flags(int32_t fd, uint32_t flags);
int64_t cshims_pipe_readable(int32_t fd);                    // FIONREAD

enum { CSHIMS_SPLICE_MOVE = 1 };
// An offset of -1 means the descriptor's own position (or a pipe); otherwise
// *offset is read and advanced as splice(2) does.
int64_t cshims_splice(int32_t from, int64_t *from_offset, int32_t to, int64_t *to_offset,
                      uint64_t count, uint32_t flags);
int64_t cshims_vmsplice(int32_t pipe, const void *buffer, uint64_t count, bool gift, bool nonblock);
int64_t cshims_tee(int32_t from, int32_t to, uint64_t count, uint32_t flags);

#endif
