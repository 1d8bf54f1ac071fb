/* SPDX-License-Identifier: MIT */
/* Linux' TCP_INFO. It grew with the years: a kernel fills in as much as it knows. */
#include "net/tcp_info.h"

#if defined(__linux__) && defined(__has_include)
#if __has_include(<linux/tcp.h>)
#define HAS_TCP_INFO
#endif
#endif

#ifdef HAS_TCP_INFO

#include <stddef.h>
#include <string.h>
#include <netinet/in.h>
#include <linux/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* What the system's header may be too old for, behind the last field that it must know. */
struct late_info {
    uint32_t receive_window; /* Linux 6.2 */
    uint32_t rehashes;
    uint16_t timeouts; /* Linux 6.7 */
    uint16_t timeout_episodes;
};

struct kernel_info {
    struct tcp_info early;
    unsigned char room[sizeof(struct late_info)]; /* if early ends before it */
};

static struct late_info find_late(const struct kernel_info *info)
{
    struct late_info late;
    size_t at = offsetof(struct tcp_info, tcpi_snd_wnd) + sizeof(info->early.tcpi_snd_wnd);
    memcpy(&late, (const unsigned char *)info + at, sizeof(late));
    return late;
}

static enum wh_tcp_state translate(unsigned state)
{
    static const enum wh_tcp_state states[] = {
        [1] = WH_TCP_ESTABLISHED, [2] = WH_TCP_SYN_SENT,   [3] = WH_TCP_SYN_RECEIVED,
        [4] = WH_TCP_FIN_WAIT_1,  [5] = WH_TCP_FIN_WAIT_2, [6] = WH_TCP_TIME_WAIT,
        [7] = WH_TCP_CLOSED,      [8] = WH_TCP_CLOSE_WAIT, [9] = WH_TCP_LAST_ACK,
        [10] = WH_TCP_LISTEN,     [11] = WH_TCP_CLOSING,   [12] = WH_TCP_SYN_RECEIVED,
    };
    return state < sizeof(states) / sizeof(states[0]) ? states[state] : WH_TCP_CLOSED;
}

static uint32_t limit(uint64_t value)
{
    return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

static uint32_t difference(uint64_t a, uint64_t b)
{
    return a > b ? limit(a - b) : 0;
}

/* What waits to be acknowledged, less what waits to be sent. */
static uint32_t find_in_flight(int fd, const struct tcp_info *info)
{
    int queued = 0;
    return ioctl(fd, TIOCOUTQ, &queued) == 0 && queued > 0
               ? difference((uint64_t)queued, info->tcpi_notsent_bytes)
               : 0;
}

static uint32_t find_receive_buffer(int fd)
{
    int size = 0;
    socklen_t len = sizeof(size);
    return getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len) == 0 && size > 0 ? (uint32_t)size : 0;
}

bool wh_tcp_info_get(int fd, struct wh_tcp_info *out)
{
    struct kernel_info info = {0};
    const struct tcp_info *tcp = &info.early;
    socklen_t len = sizeof(info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0) {
        return false;
    }
    struct late_info late = find_late(&info);
    uint64_t limited_us = tcp->tcpi_rwnd_limited + tcp->tcpi_sndbuf_limited;
    *out = (struct wh_tcp_info){
        .state = translate(tcp->tcpi_state),
        .has_timestamps = (tcp->tcpi_options & TCPI_OPT_TIMESTAMPS) != 0,
        .mss = tcp->tcpi_snd_mss,
        .rtt_us = tcp->tcpi_rtt,
        .min_rtt_us = tcp->tcpi_min_rtt == UINT32_MAX ? 0 : tcp->tcpi_min_rtt,
        .in_flight = find_in_flight(fd, tcp),
        .congestion_window = limit((uint64_t)tcp->tcpi_snd_cwnd * tcp->tcpi_snd_mss),
        .send_window = tcp->tcpi_snd_wnd,
        .receive_window = late.receive_window,
        .receive_buffer = find_receive_buffer(fd),
        .sent = tcp->tcpi_bytes_sent,
        .received = tcp->tcpi_bytes_received,
        .sent_again = limit(tcp->tcpi_bytes_retrans),
        .timeouts = late.timeout_episodes,
        .window_limited_ms = limit(tcp->tcpi_rwnd_limited / 1000),
        /* It counts when anything was on its way, and what else than the network held that up. */
        .congestion_limited_ms = difference(tcp->tcpi_busy_time, limited_us) / 1000,
    };
    return true;
}

#else

bool wh_tcp_info_get(int fd, struct wh_tcp_info *out)
{
    (void)fd;
    (void)out;
    return false;
}

#endif
