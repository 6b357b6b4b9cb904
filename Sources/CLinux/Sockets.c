#define _GNU_SOURCE

#include "CLinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "Result.h"

union any_address {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
    struct sockaddr_un local;
};

static socklen_t to_kernel(const struct weir_address *from, union any_address *to) {
    memset(to, 0, sizeof *to);
    to->any.sa_family = from->family;
    switch (from->family) {
    case AF_INET:
        to->ipv4.sin_port = htons(from->port);
        memcpy(&to->ipv4.sin_addr, from->bytes, 4);
        return sizeof to->ipv4;
    case AF_INET6:
        to->ipv6.sin6_port = htons(from->port);
        to->ipv6.sin6_scope_id = from->scope;
        memcpy(&to->ipv6.sin6_addr, from->bytes, 16);
        return sizeof to->ipv6;
    default: {
        size_t length = from->length < sizeof from->bytes ? from->length : sizeof from->bytes;
        memcpy(to->local.sun_path, from->bytes, length);
        return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    }
    }
}

static void from_kernel(
    const union any_address *from, socklen_t size, struct weir_address *to) {
    memset(to, 0, sizeof *to);
    if (size < sizeof from->any.sa_family) return;
    to->family = from->any.sa_family;
    switch (from->any.sa_family) {
    case AF_INET:
        to->port = ntohs(from->ipv4.sin_port);
        to->length = 4;
        memcpy(to->bytes, &from->ipv4.sin_addr, 4);
        break;
    case AF_INET6:
        to->port = ntohs(from->ipv6.sin6_port);
        to->scope = from->ipv6.sin6_scope_id;
        to->length = 16;
        memcpy(to->bytes, &from->ipv6.sin6_addr, 16);
        break;
    case AF_UNIX: {
        size_t offset = offsetof(struct sockaddr_un, sun_path);
        size_t length = size > offset ? size - offset : 0;
        if (length > sizeof to->bytes) length = sizeof to->bytes;
        // The kernel counts the terminating zero of a path.
        if (length && !from->local.sun_path[length - 1]) length--;
        to->length = (uint32_t)length;
        memcpy(to->bytes, from->local.sun_path, length);
        break;
    }
    default: to->family = 0;
    }
}

int weir_socket(int family) {
    return RESULT(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

int weir_accept(int listener, struct weir_address *peer) {
    union any_address address;
    socklen_t size = sizeof address;
    int descriptor =
        RESULT(accept4(listener, &address.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (descriptor >= 0) from_kernel(&address, size, peer);
    return descriptor;
}

int weir_connect(int descriptor, const struct weir_address *address) {
    union any_address any;
    socklen_t size = to_kernel(address, &any);
    // An interrupted connect goes on by itself.
    if (connect(descriptor, &any.any, size) == 0) return 0;
    return errno == EINTR ? -EINPROGRESS : -errno;
}

int weir_bind(int descriptor, const struct weir_address *address) {
    union any_address any;
    socklen_t size = to_kernel(address, &any);
    return RESULT(bind(descriptor, &any.any, size));
}

int weir_listen(int descriptor, int backlog) { return RESULT(listen(descriptor, backlog)); }

int weir_local_address(int descriptor, struct weir_address *address) {
    union any_address any;
    socklen_t size = sizeof any;
    int result = RESULT(getsockname(descriptor, &any.any, &size));
    if (result >= 0) from_kernel(&any, size, address);
    return result;
}

ssize_t weir_receive(int descriptor, void *buffer, size_t size) {
    return RESULT(recv(descriptor, buffer, size, 0));
}

ssize_t weir_send(int descriptor, const void *buffer, size_t size) {
    return RESULT(send(descriptor, buffer, size, MSG_NOSIGNAL));
}

int weir_shutdown_sending(int descriptor) { return RESULT(shutdown(descriptor, SHUT_WR)); }

int weir_shutdown_listening(int descriptor) { return RESULT(shutdown(descriptor, SHUT_RDWR)); }

int weir_socket_error(int descriptor) {
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) < 0) return errno;
    return error;
}

int weir_set_option(int descriptor, int level, int option, int value) {
    return RESULT(setsockopt(descriptor, level, option, &value, sizeof value));
}

int weir_reset_at_close(int descriptor) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    return RESULT(setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
}

int weir_set_congestion_control(int descriptor, const char *name) {
    return RESULT(
        setsockopt(descriptor, IPPROTO_TCP, TCP_CONGESTION, name, (socklen_t)strlen(name)));
}

int weir_unacknowledged_bytes(int descriptor) {
    int count = 0;
    int result = RESULT(ioctl(descriptor, SIOCOUTQ, &count));
    return result < 0 ? result : count;
}

int weir_close(int descriptor) {
    // Not again after EINTR: Linux has closed it by then.
    return close(descriptor) < 0 && errno != EINTR ? -errno : 0;
}

int weir_resolve(const char *host, struct weir_address *addresses, int capacity, int *count) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list = NULL;
    int error = getaddrinfo(host, NULL, &hints, &list);
    *count = 0;
    if (error) return error;
    for (struct addrinfo *each = list; each && *count < capacity; each = each->ai_next) {
        if (each->ai_addrlen > sizeof(union any_address)) continue;
        union any_address any;
        memset(&any, 0, sizeof any);
        memcpy(&any, each->ai_addr, each->ai_addrlen);
        from_kernel(&any, each->ai_addrlen, &addresses[*count]);
        if (addresses[*count].family) (*count)++;
    }
    freeaddrinfo(list);
    return 0;
}
