#pragma once

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `count` bytes, going on from `crc` (0 to begin).
/// Uses the processor's instruction where there is one.
uint32_t weir_crc32c(uint32_t crc, const void *_Nonnull bytes, size_t count);

/// The same without the instruction.
uint32_t weir_crc32c_portable(uint32_t crc, const void *_Nonnull bytes, size_t count);

/// Whether `weir_crc32c` uses an instruction.
int weir_crc32c_has_instruction(void);

/// The checksum of a followed by b, from theirs and the length of b.
uint32_t weir_crc32c_combine(uint32_t a, uint32_t b, uint64_t count_of_b);
