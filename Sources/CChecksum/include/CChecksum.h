#ifndef REDOUBT_CHECKSUM_H
#define REDOUBT_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `length` bytes, continuing from `seed` (0 to begin).
/// crc32c(0, "123456789", 9) == 0xE3069283. Uses the SSE4.2 instruction where the processor has it.
uint32_t redoubt_crc32c(uint32_t seed, const void *bytes, size_t length);

#endif
