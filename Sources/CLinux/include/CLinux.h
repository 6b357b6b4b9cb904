// What Swift's Glibc module leaves out, and what is awkward to call from Swift. Each function returns
// what the call returned, or -errno, so that errno never has to be read after Swift has run code of
// its own. A call that a signal interrupted is made again, except waiting.
//
// Plain headers only: _GNU_SOURCE is defined in the .c files, because defining it here would change
// how other modules' headers are imported.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

/// strerror_r: the text of an error number (the GNU form, which need not use the buffer).
const char *_Nullable weir_strerror(int code, char *_Nonnull buffer, size_t size);

// Waiting -----------------------------------------------------------------------------------------

int weir_epoll_create(void);

/// Watches a descriptor; `token` comes back with its events.
int weir_epoll_add(int poller, int descriptor, uint32_t events, uint64_t token);

/// epoll_pwait2, or epoll_wait (milliseconds, rounded up) where the kernel is older than 5.11.
/// Negative nanoseconds wait for ever. A signal ends the wait with 0.
int weir_epoll_wait(
    int poller, struct epoll_event *_Nonnull events, int capacity, int64_t nanoseconds);

/// CLOCK_MONOTONIC and CLOCK_REALTIME, in nanoseconds.
int64_t weir_monotonic_nanoseconds(void);
int64_t weir_wall_nanoseconds(void);

/// How late the kernel may wake this thread to save power (PR_SET_TIMERSLACK).
int weir_set_timer_slack(uint64_t nanoseconds);

/// An eventfd, non-blocking.
int weir_eventfd(void);
int weir_eventfd_ring(int descriptor);
int weir_eventfd_clear(int descriptor);

/// Blocks these signals in this thread, and those it starts later, and gives a descriptor for them.
int weir_signalfd(const int *_Nonnull signals, int count);

/// Lets these signals do to this thread what they do.
int weir_unblock_signals(const int *_Nonnull signals, int count);

/// The next signal's number; -EAGAIN when there is none.
int weir_signalfd_read(int descriptor);

/// Leaves a signal without effect in the whole process.
int weir_ignore_signal(int signal);
/// Whether a signal has no effect on the process, as nohup sets it: 1 or 0.
int weir_is_ignored(int signal);

/// Fills the numbers 0 to 2 where they are closed, with what can be neither read nor written.
void weir_hold_standard_files(void);

// Sockets -----------------------------------------------------------------------------------------

/// A socket's address in one shape for IPv4, IPv6 and Unix sockets.
struct weir_address {
    /// AF_INET, AF_INET6 or AF_UNIX; 0 where it is unknown.
    uint16_t family;
    /// In the machine's order.
    uint16_t port;
    uint32_t scope;
    /// How many of the bytes count: 4, 16, or the path's length.
    uint32_t length;
    uint8_t bytes[108];
};

/// A stream socket, non-blocking, closed on exec.
int weir_socket(int family);

/// accept4 with SOCK_NONBLOCK and SOCK_CLOEXEC, and where the client is.
int weir_accept(int listener, struct weir_address *_Nonnull peer);
int weir_connect(int descriptor, const struct weir_address *_Nonnull address);
int weir_bind(int descriptor, const struct weir_address *_Nonnull address);
int weir_listen(int descriptor, int backlog);
int weir_local_address(int descriptor, struct weir_address *_Nonnull address);

ssize_t weir_receive(int descriptor, void *_Nonnull buffer, size_t size);
/// Without SIGPIPE.
ssize_t weir_send(int descriptor, const void *_Nonnull buffer, size_t size);
int weir_shutdown_sending(int descriptor);
int weir_shutdown_listening(int descriptor);

/// The pending error (SO_ERROR), which this takes away; 0 when there is none.
int weir_socket_error(int descriptor);
int weir_set_option(int descriptor, int level, int option, int value);
/// Closing will send a RST (SO_LINGER of 0).
int weir_reset_at_close(int descriptor);
int weir_set_congestion_control(int descriptor, const char *_Nonnull name);
/// SIOCOUTQ.
int weir_unacknowledged_bytes(int descriptor);
int weir_close(int descriptor);

/// The addresses of a host, best first, and how many; 0, or the error of getaddrinfo.
int weir_resolve(
    const char *_Nonnull host, struct weir_address *_Nonnull addresses, int capacity,
    int *_Nonnull count);

// Files -------------------------------------------------------------------------------------------

/// open, closed on exec.
int weir_open(const char *_Nonnull path, int flags, mode_t mode);

/// As many bytes as there are, unless an error comes first: fewer only at the file's end.
ssize_t weir_read_at(int descriptor, void *_Nonnull buffer, size_t size, int64_t offset);

/// The next bytes, as read gives them.
ssize_t weir_read(int descriptor, void *_Nonnull buffer, size_t size);

/// All bytes, or the error that came before the last; then `*written` says how many went before it.
int weir_write_at(
    int descriptor, const void *_Nonnull buffer, size_t size, int64_t offset,
    size_t *_Nonnull written);

/// All bytes at the file's place, waiting where the descriptor is full.
int weir_write(int descriptor, const void *_Nonnull buffer, size_t size);

int weir_synchronize(int descriptor);
int weir_truncate(int descriptor, int64_t size);
/// The file's size and mode.
int weir_file_status(int descriptor, int64_t *_Nonnull size, mode_t *_Nonnull mode);
/// Whether the open file is what stands at `path`: 1, or 0 when it was removed or replaced.
int weir_is_at(int descriptor, const char *_Nonnull path);
/// Whether the open file has no name any more: 1 or 0.
int weir_is_removed(int descriptor);
int weir_set_mode(int descriptor, mode_t mode);
/// Sets or clears O_DIRECT; -EINVAL where the file system cannot do it.
int weir_set_direct(int descriptor, int is_direct);
int weir_is_direct(int descriptor);

/// Locks the whole file for this open file alone (F_OFD_SETLK); -ETXTBSY when another has it.
/// Where the file system has no locks this succeeds.
int weir_lock(int descriptor);
/// Whether another open file has it locked: 1 or 0.
int weir_is_locked(int descriptor);

int weir_make_directory(const char *_Nonnull path);
int weir_rename(const char *_Nonnull from, const char *_Nonnull to);
int weir_symbolic_link(const char *_Nonnull target, const char *_Nonnull path);
int weir_unlink(const char *_Nonnull path);

/// Memory of its own, aligned to its huge pages where the kernel has them; the address, or -errno.
intptr_t weir_map_blocks(size_t size, size_t alignment);
int weir_unmap(intptr_t address, size_t size);

/// An eventfd that a read waits for.
int weir_waiting_eventfd(void);
/// Waits until it was rung, and clears it.
int weir_eventfd_wait(int descriptor);

// Threads -----------------------------------------------------------------------------------------

/// Starts a thread in which every signal is blocked.
int weir_start_thread(void (*_Nonnull body)(void *_Nonnull), void *_Nonnull context);

// Processes ---------------------------------------------------------------------------------------

/// Starts a program, found by PATH, in a process group of its own, with every signal as it is by
/// default, nothing to read, and its output in these two descriptors.
int weir_spawn(
    const char *_Nullable const *_Nonnull arguments,
    const char *_Nullable const *_Nonnull environment, int output, int error,
    pid_t *_Nonnull process);

/// Starts a shell that kills this process group as soon as this process is gone, however it went,
/// and puts its number into `watcher`. What is returned is to be kept open as long.
int weir_watch_group(pid_t group, pid_t *_Nonnull watcher);

/// A descriptor that is readable once the process has ended.
int weir_process_descriptor(pid_t process);

/// Kills a child, and takes it away.
void weir_remove(pid_t process);

/// Takes an ended child away: 1 when it has ended, 0 when not. `*signal` is 0 where it exited.
int weir_reap(pid_t process, int *_Nonnull code, int *_Nonnull signal);
int weir_kill(pid_t process, int signal);

/// A pipe; what is read from it is non-blocking.
int weir_pipe(int *_Nonnull reading, int *_Nonnull writing);

/// `NAME=value`, ended by a null pointer.
const char *_Nullable const *_Nonnull weir_environment(void);

int weir_random(void *_Nonnull buffer, size_t size);
/// The time that this process has computed, in nanoseconds.
int64_t weir_processor_nanoseconds(void);
int weir_processor_count(void);
/// Allows as many open descriptors as the system lets this process have; how many that is.
int64_t weir_raise_descriptor_limit(void);
