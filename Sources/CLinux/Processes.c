#define _GNU_SOURCE

#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "Result.h"

/// With nothing to read where `input` is -1, and nobody to write to where the others are.
static int spawn(
    const char *const *arguments, const char *const *environment, int input, int output, int error,
    pid_t *process) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int result = posix_spawn_file_actions_init(&actions);
    if (result) return -result;
    result = posix_spawnattr_init(&attributes);
    if (result) {
        posix_spawn_file_actions_destroy(&actions);
        return -result;
    }
    short flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    const int standard[] = {input, output, error};
    for (int i = 0; i < 3 && !result; i++)
        result = standard[i] >= 0
            ? posix_spawn_file_actions_adddup2(&actions, standard[i], i)
            : posix_spawn_file_actions_addopen(
                  &actions, i, "/dev/null", i == 0 ? O_RDONLY : O_WRONLY, 0);
    if (!result
        && !(result = posix_spawnattr_setflags(&attributes, flags))
        && !(result = posix_spawnattr_setpgroup(&attributes, 0))
        && !(result = posix_spawnattr_setsigmask(&attributes, &none))
        && !(result = posix_spawnattr_setsigdefault(&attributes, &all)))
        result = posix_spawnp(
            process, arguments[0], &actions, &attributes, (char *const *)arguments,
            (char *const *)environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return -result;
}

int weir_spawn(
    const char *const *arguments, const char *const *environment, int output, int error,
    pid_t *process) {
    return spawn(arguments, environment, -1, output, error, process);
}

int weir_watch_group(pid_t group, pid_t *watcher) {
    int ends[2];
    int result = RESULT(pipe2(ends, O_CLOEXEC));
    if (result < 0) return result;
    char number[16];
    snprintf(number, sizeof number, "-%d", (int)group);
    const char *const arguments[] = {
        "/bin/sh", "-c", "trap '' HUP INT TERM; read -r end; kill -9 \"$1\"", "weir-watch", number,
        NULL};
    const char *const environment[] = {NULL};
    // Only this process holds the writing end: the shell reads on when it is gone.
    result = spawn(arguments, environment, ends[0], -1, -1, watcher);
    close(ends[0]);
    if (result < 0) {
        close(ends[1]);
        return result;
    }
    return ends[1];
}

int weir_process_descriptor(pid_t process) {
#ifdef SYS_pidfd_open
    return (int)RESULT(syscall(SYS_pidfd_open, process, 0));
#else
    (void)process;
    return -ENOSYS;
#endif
}

int weir_reap(pid_t process, int *code, int *signal) {
    int status;
    pid_t result = RESULT(waitpid(process, &status, WNOHANG));
    if (result <= 0) return (int)result;
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    *signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return 1;
}

void weir_remove(pid_t process) {
    kill(process, SIGKILL);
    while (waitpid(process, NULL, 0) < 0 && errno == EINTR) {}
}

int weir_kill(pid_t process, int signal) { return RESULT(kill(process, signal)); }

int weir_pipe(int *reading, int *writing) {
    int ends[2];
    int result = RESULT(pipe2(ends, O_CLOEXEC));
    if (result < 0) return result;
    result = RESULT(fcntl(ends[0], F_SETFL, O_NONBLOCK));
    if (result < 0) {
        close(ends[0]);
        close(ends[1]);
        return result;
    }
    *reading = ends[0];
    *writing = ends[1];
    return 0;
}

const char *const *weir_environment(void) { return (const char *const *)environ; }

int weir_random(void *buffer, size_t size) {
    ssize_t count = RESULT(getrandom(buffer, size, 0));
    return count < 0 ? (int)count : (size_t)count == size ? 0 : -EIO;
}

static int64_t nanoseconds_of(struct timeval time) {
    return (int64_t)time.tv_sec * 1000000000 + (int64_t)time.tv_usec * 1000;
}

int64_t weir_processor_nanoseconds(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) < 0) return 0;
    return nanoseconds_of(usage.ru_utime) + nanoseconds_of(usage.ru_stime);
}

int weir_processor_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int)count : 1;
}

int64_t weir_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    if (limit.rlim_cur < limit.rlim_max) {
        struct rlimit raised = {limit.rlim_max, limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    }
    return limit.rlim_cur > INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
}
