#define _GNU_SOURCE

#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "Result.h"

int weir_open(const char *path, int flags, mode_t mode) {
    return RESULT(open(path, flags | O_CLOEXEC, mode));
}

ssize_t weir_read_at(int descriptor, void *buffer, size_t size, int64_t offset) {
    size_t done = 0;
    while (done < size) {
        ssize_t count =
            RESULT(pread(descriptor, (char *)buffer + done, size - done, offset + (int64_t)done));
        if (count < 0) return count;
        if (count == 0) break;
        done += (size_t)count;
    }
    return (ssize_t)done;
}

ssize_t weir_read(int descriptor, void *buffer, size_t size) {
    return RESULT(read(descriptor, buffer, size));
}

int weir_write_at(
    int descriptor, const void *buffer, size_t size, int64_t offset, size_t *written) {
    *written = 0;
    while (*written < size) {
        ssize_t count = RESULT(pwrite(
            descriptor, (const char *)buffer + *written, size - *written,
            offset + (int64_t)*written));
        if (count < 0) return (int)count;
        // A file gives no reason for taking nothing.
        if (count == 0) return -EIO;
        *written += (size_t)count;
    }
    return 0;
}

int weir_write(int descriptor, const void *buffer, size_t size) {
    size_t done = 0;
    while (done < size) {
        ssize_t count = RESULT(write(descriptor, (const char *)buffer + done, size - done));
        if (count == -EAGAIN) {
            struct pollfd wait = {.fd = descriptor, .events = POLLOUT};
            poll(&wait, 1, -1);
            continue;
        }
        if (count < 0) return (int)count;
        if (count == 0) return -EIO;
        done += (size_t)count;
    }
    return 0;
}

int weir_synchronize(int descriptor) {
    int result = RESULT(fdatasync(descriptor));
    // Pipes and devices have nothing to make durable.
    return result == -EINVAL || result == -EROFS ? 0 : result;
}

int weir_truncate(int descriptor, int64_t size) { return RESULT(ftruncate(descriptor, size)); }

int weir_file_status(int descriptor, int64_t *size, mode_t *mode) {
    struct stat status;
    int result = RESULT(fstat(descriptor, &status));
    if (result < 0) return result;
    *size = status.st_size;
    *mode = status.st_mode;
    return 0;
}

int weir_is_at(int descriptor, const char *path) {
    struct stat open, there;
    int result = RESULT(fstat(descriptor, &open));
    if (result < 0) return result;
    result = RESULT(stat(path, &there));
    if (result < 0) return 0;
    return open.st_dev == there.st_dev && open.st_ino == there.st_ino;
}

int weir_is_removed(int descriptor) {
    struct stat status;
    int result = RESULT(fstat(descriptor, &status));
    return result < 0 ? result : status.st_nlink == 0;
}

int weir_set_mode(int descriptor, mode_t mode) { return RESULT(fchmod(descriptor, mode)); }

int weir_set_direct(int descriptor, int is_direct) {
    int flags = RESULT(fcntl(descriptor, F_GETFL));
    if (flags < 0) return flags;
    flags = is_direct ? flags | O_DIRECT : flags & ~O_DIRECT;
    return RESULT(fcntl(descriptor, F_SETFL, flags));
}

int weir_is_direct(int descriptor) {
    int flags = RESULT(fcntl(descriptor, F_GETFL));
    return flags >= 0 && flags & O_DIRECT;
}

int weir_lock(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int result = RESULT(fcntl(descriptor, F_OFD_SETLK, &lock));
    switch (result) {
    case -EAGAIN: case -EACCES: return -ETXTBSY;
    case -ENOLCK: case -EINVAL: case -ENOSYS: case -EOPNOTSUPP: return 0;
    default: return result;
    }
}

int weir_is_locked(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int result = RESULT(fcntl(descriptor, F_OFD_GETLK, &lock));
    return result < 0 ? result : lock.l_type != F_UNLCK;
}

int weir_make_directory(const char *path) { return RESULT(mkdir(path, 0777)); }

int weir_rename(const char *from, const char *to) { return RESULT(rename(from, to)); }

int weir_symbolic_link(const char *target, const char *path) {
    return RESULT(symlink(target, path));
}

int weir_unlink(const char *path) { return RESULT(unlink(path)); }

intptr_t weir_map_blocks(size_t size, size_t alignment) {
    char *start = mmap(
        NULL, size + alignment, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) return -errno;
    char *first = (char *)(((uintptr_t)start + alignment - 1) & ~(uintptr_t)(alignment - 1));
    if (first > start) munmap(start, (size_t)(first - start));
    size_t rest = (size_t)(start + alignment - first);
    if (rest) munmap(first + size, rest);
    // Without huge pages it works as well, only slower.
    madvise(first, size, MADV_HUGEPAGE);
    return (intptr_t)first;
}

int weir_unmap(intptr_t address, size_t size) { return RESULT(munmap((void *)address, size)); }
