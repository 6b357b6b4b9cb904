#define _GNU_SOURCE

#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "Result.h"

const char *weir_strerror(int code, char *buffer, size_t size) {
    return strerror_r(code, buffer, size);
}

int weir_epoll_create(void) { return RESULT(epoll_create1(EPOLL_CLOEXEC)); }

int weir_epoll_add(int poller, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data.u64 = token};
    return RESULT(epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event));
}

int weir_epoll_wait(
    int poller, struct epoll_event *events, int capacity, int64_t nanoseconds) {
    int count;
#ifdef SYS_epoll_pwait2
    static _Atomic int is_missing = 0;
    if (nanoseconds > 0 && !is_missing) {
        struct timespec time = {nanoseconds / 1000000000, nanoseconds % 1000000000};
        count = syscall(SYS_epoll_pwait2, poller, events, capacity, &time, NULL, 0);
        if (count >= 0) return count;
        if (errno == EINTR) return 0;
        if (errno != ENOSYS) return -errno;
        is_missing = 1;
    }
#endif
    int64_t milliseconds = nanoseconds < 0 ? -1 : (nanoseconds + 999999) / 1000000;
    if (milliseconds > INT_MAX) milliseconds = INT_MAX;
    count = epoll_wait(poller, events, capacity, (int)milliseconds);
    return count >= 0 ? count : errno == EINTR ? 0 : -errno;
}

static int64_t nanoseconds_of(clockid_t clock) {
    struct timespec time = {0, 0};
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t weir_monotonic_nanoseconds(void) { return nanoseconds_of(CLOCK_MONOTONIC); }

int64_t weir_wall_nanoseconds(void) { return nanoseconds_of(CLOCK_REALTIME); }

int weir_set_timer_slack(uint64_t nanoseconds) {
    return RESULT(prctl(PR_SET_TIMERSLACK, (unsigned long)nanoseconds, 0, 0, 0));
}

int weir_eventfd(void) { return RESULT(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)); }

int weir_eventfd_ring(int descriptor) {
    uint64_t one = 1;
    while (write(descriptor, &one, sizeof one) < 0) {
        // Full: it has rung, and nobody has listened yet.
        if (errno == EAGAIN) return 0;
        if (errno != EINTR) return -errno;
    }
    return 0;
}

int weir_eventfd_clear(int descriptor) {
    uint64_t count;
    while (read(descriptor, &count, sizeof count) < 0) {
        if (errno == EAGAIN) return 0;
        if (errno != EINTR) return -errno;
    }
    return 0;
}

int weir_signalfd(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int index = 0; index < count; index++) sigaddset(&set, signals[index]);
    int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (error) return -error;
    return RESULT(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

int weir_signalfd_read(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t count;
    do count = read(descriptor, &info, sizeof info);
    while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count == sizeof info ? (int)info.ssi_signo : -EIO;
}

int weir_ignore_signal(int number) {
    struct sigaction action = {.sa_handler = SIG_IGN};
    return RESULT(sigaction(number, &action, NULL));
}

int weir_unblock_signals(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int index = 0; index < count; index++) sigaddset(&set, signals[index]);
    return -pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

int weir_is_ignored(int number) {
    struct sigaction action;
    int result = RESULT(sigaction(number, NULL, &action));
    return result < 0 ? result : action.sa_handler == SIG_IGN;
}

void weir_hold_standard_files(void) {
    for (int number = 0; number <= 2; number++) {
        if (fcntl(number, F_GETFD) >= 0) continue;
        // The lowest number that is free: this one. The wrong way round, so that using it fails.
        int opened = open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY);
        if (opened < 0) return;
    }
}

int weir_waiting_eventfd(void) { return RESULT(eventfd(0, EFD_CLOEXEC)); }

int weir_eventfd_wait(int descriptor) {
    uint64_t count;
    ssize_t result = RESULT(read(descriptor, &count, sizeof count));
    return result < 0 ? (int)result : 0;
}

struct start {
    void (*body)(void *);
    void *context;
};

static void *run_thread(void *argument) {
    struct start start = *(struct start *)argument;
    free(argument);
    start.body(start.context);
    return NULL;
}

int weir_start_thread(void (*body)(void *), void *context) {
    struct start *start = malloc(sizeof *start);
    if (!start) return -ENOMEM;
    *start = (struct start){body, context};
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    int error = pthread_create(&thread, NULL, run_thread, start);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        free(start);
        return -error;
    }
    pthread_detach(thread);
    return 0;
}
