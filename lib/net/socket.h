/* SPDX-License-Identifier: MIT */
/* A TCP socket as a channel, and how it is connected. Used by one task at a time, its loop held. */
#ifndef WH_NET_SOCKET_H
#define WH_NET_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct wh_channel;
struct wh_socket;
struct wh_task;

struct wh_address {
    struct sockaddr_storage storage;
    socklen_t len;
};

/* Numeric form, at most WH_ADDRESS_TEXT bytes with the NUL. */
enum { WH_ADDRESS_TEXT = 64 };
void wh_address_print(const struct wh_address *address, char *out);

/*
 * Begins to connect, for task. 0: see wh_socket_finish_connect. ERROR_WINHTTP_CANNOT_CONNECT when
 * the system refuses at once, ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_socket_connect(struct wh_task *task, const struct wh_address *address,
                      struct wh_socket **out);
/*
 * 0 when connected, WH_AGAIN, ERROR_WINHTTP_CANNOT_CONNECT; ERROR_WINHTTP_TIMEOUT when the system's
 * own patience is at its end.
 */
int wh_socket_finish_connect(struct wh_socket *socket);

/* TCP keep-alive: a peer of whom nothing is heard is asked whether it is still there. */
struct wh_keepalive {
    bool is_on;
    uint32_t idle_ms; /* after so long; 0: as the system has it, and so for the next one */
    uint32_t interval_ms; /* once more, while it does not answer */
};
/* In whole seconds, rounded up. Off is what a new socket is. */
void wh_socket_set_keepalive(struct wh_socket *socket, const struct wh_keepalive *keepalive);

struct wh_channel *wh_socket_channel(struct wh_socket *socket);

/* Hands the socket to a task, or takes it from its task: parked. ERROR_NOT_ENOUGH_MEMORY. */
int wh_socket_attach(struct wh_socket *socket, struct wh_task *task);
void wh_socket_detach(struct wh_socket *socket);

/* Neither closed by the peer nor with anything to read: fit to carry another request. */
bool wh_socket_is_quiet(struct wh_socket *socket);

/* The descriptor, which stays the socket's. */
int wh_socket_find_descriptor(const struct wh_socket *socket);

/* The two ends; false when the system does not know them any more. */
bool wh_socket_get_addresses(const struct wh_socket *socket, struct wh_address *out_local,
                             struct wh_address *out_remote);

#endif
