// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <string.h>

// The polynomial of RFC 3720, reflected.
static uint32_t plain(uint32_t crc, const uint8_t *bytes, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82f63b78u & (0u - (crc & 1u)));
  }
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t fast(uint32_t crc, const uint8_t *bytes,
                                                       uint64_t count) {
  uint64_t wide = crc;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  crc = (uint32_t)wide;
  for (; count > 0; bytes++, count--) crc = __builtin_ia32_crc32qi(crc, *bytes);
  return crc;
}

static bool has_fast(void) { return __builtin_cpu_supports("sse4.2") != 0; }
#else
static uint32_t fast(uint32_t crc, const uint8_t *bytes, uint64_t count) {
  return plain(crc, bytes, count);
}

static bool has_fast(void) { return true; }
#endif

uint32_t cshims_crc32c(uint32_t before, const void *bytes, uint64_t count) {
  return ~(has_fast() ? fast : plain)(~before, bytes, count);
}
