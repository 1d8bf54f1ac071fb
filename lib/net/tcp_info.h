/* SPDX-License-Identifier: MIT */
/* What the system has counted of a TCP connection. Any thread. */
#ifndef WH_NET_TCP_INFO_H
#define WH_NET_TCP_INFO_H

#include <stdbool.h>
#include <stdint.h>

/* The states in the order of RFC 9293, 3.3.2, CLOSED first. */
enum wh_tcp_state {
    WH_TCP_CLOSED,
    WH_TCP_LISTEN,
    WH_TCP_SYN_SENT,
    WH_TCP_SYN_RECEIVED,
    WH_TCP_ESTABLISHED,
    WH_TCP_FIN_WAIT_1,
    WH_TCP_FIN_WAIT_2,
    WH_TCP_CLOSE_WAIT,
    WH_TCP_CLOSING,
    WH_TCP_LAST_ACK,
    WH_TCP_TIME_WAIT
};

/* Sizes are bytes. What this system does not count is 0. */
struct wh_tcp_info {
    enum wh_tcp_state state;
    bool has_timestamps;
    uint32_t mss;
    uint32_t rtt_us;
    uint32_t min_rtt_us;
    uint32_t in_flight; /* sent and not acknowledged */
    uint32_t congestion_window;
    uint32_t send_window;
    uint32_t receive_window;
    uint32_t receive_buffer;
    uint64_t sent;
    uint64_t received;
    uint32_t sent_again;
    uint32_t timeouts; /* times in which nothing was acknowledged until something was sent again */
    uint32_t window_limited_ms; /* the peer's window was full */
    uint32_t congestion_limited_ms; /* the network would not take more */
};

/* False when the system does not tell. */
bool wh_tcp_info_get(int fd, struct wh_tcp_info *out);

#endif
