// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// The polynomial of RFC 3720, reflected.
static uint32_t plain(uint32_t crc, const uint8_t *bytes, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82f63b78u & (0u - (crc & 1u)));
  }
  return crc;
}

#if defined(__x86_64__)
// Bytes of each of the three streams that go through the instruction's latency at once.
enum { stream = 128 };
// x^(8n - 33) modulo the polynomial, reflected, for n of one stream and of two.
static const uint32_t past_one = 0xd3b6092u, past_two = 0xb9e02b86u;

static uint64_t word(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

// The checksum that goes on with as many zeros as belong to the constant: the instruction multiplies
// by x^32, and the product of two reflected numbers lacks one x.
__attribute__((target("sse4.2,pclmul"))) static uint32_t past(uint64_t crc, uint32_t constant) {
  __m128i product =
      _mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)crc), _mm_cvtsi64_si128(constant), 0);
  return (uint32_t)_mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(product));
}

__attribute__((target("sse4.2,pclmul"))) static uint32_t fast(uint32_t crc, const uint8_t *bytes,
                                                              uint64_t count) {
  for (; count >= 3 * stream; bytes += 3 * stream, count -= 3 * stream) {
    uint64_t first = crc, second = 0, third = 0;
    for (int i = 0; i < stream; i += 8) {
      first = _mm_crc32_u64(first, word(bytes + i));
      second = _mm_crc32_u64(second, word(bytes + stream + i));
      third = _mm_crc32_u64(third, word(bytes + 2 * stream + i));
    }
    crc = past(first, past_two) ^ past(second, past_one) ^ (uint32_t)third;
  }
  uint64_t wide = crc;
  for (; count >= 8; bytes += 8, count -= 8) wide = _mm_crc32_u64(wide, word(bytes));
  crc = (uint32_t)wide;
  for (; count > 0; bytes++, count--) crc = _mm_crc32_u8(crc, *bytes);
  return crc;
}

static bool has_fast(void) {
  return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
}
#else
static uint32_t fast(uint32_t crc, const uint8_t *bytes, uint64_t count) {
  return plain(crc, bytes, count);
}

static bool has_fast(void) { return true; }
#endif

uint32_t cshims_crc32c(uint32_t before, const void *bytes, uint64_t count) {
  return ~(has_fast() ? fast : plain)(~before, bytes, count);
}
