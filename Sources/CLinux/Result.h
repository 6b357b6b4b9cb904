#pragma once

#include <errno.h>

// What the call returned, or -errno; made again when a signal interrupted it.
#define RESULT(call) ({ \
    __typeof__(call) result_of_call; \
    do result_of_call = (call); while (result_of_call < 0 && errno == EINTR); \
    result_of_call < 0 ? -errno : result_of_call; \
})
