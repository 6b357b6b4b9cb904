#pragma once

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `count` bytes, going on from `crc` (0 to begin).
uint32_t weir_crc32c(uint32_t crc, const void *_Nonnull bytes, size_t count);
