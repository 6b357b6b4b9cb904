#define _GNU_SOURCE

#include "CLinux.h"

#include <string.h>

const char *weir_strerror(int code, char *buffer, size_t size) {
    return strerror_r(code, buffer, size);
}
