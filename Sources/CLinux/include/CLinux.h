// What Swift's Glibc module leaves out. Each function returns what the call returned, or -errno, so
// that errno never has to be read after Swift has run code of its own.
//
// Plain headers only: _GNU_SOURCE is defined in CLinux.c, because defining it here would change how
// other modules' headers are imported.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// strerror_r: the text of an error number (the GNU form, which need not use the buffer).
const char *_Nullable weir_strerror(int code, char *_Nonnull buffer, size_t size);
