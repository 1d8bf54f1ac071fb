/* SPDX-License-Identifier: MIT */
/*
 * WINHTTP_OPTION_REQUEST_TIMES, REQUEST_STATS, CONNECTION_INFO, CONNECTION_STATS and HTTP_PROTOCOL_USED: from the terms of
 * client/account.h to those of the API. All are about the leg that led to the response: of a redirected
 * request the last one. Entries that have no row do not happen here: proxies, streams and compressed
 * heads of HTTP/2.
 */
#include "api/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "client/account.h"
#include "client/conn_record.h"
#include "client/request.h"
#include "api/value.h"

/* What may be asked for; V0 of the TCP statistics is how V1 begins. */
union report {
    WINHTTP_REQUEST_TIMES times;
    WINHTTP_REQUEST_STATS stats;
    WINHTTP_CONNECTION_INFO addresses;
    TCP_INFO_v1 tcp;
    DWORD protocol;
};

struct row {
    unsigned entry;
    size_t offset; /* of an uint64_t in struct wh_account; NO_ROW behind the last one */
};

#define NO_ROW SIZE_MAX

#define ROW(entry, field)                                                                          \
    {                                                                                              \
        entry, offsetof(struct wh_account, field)                                                  \
    }

static const struct row times[] = {
    ROW(WinHttpConnectionAcquireStart, moments[WH_MOMENT_ACQUIRE_BEGUN]),
    ROW(WinHttpConnectionAcquireWaitEnd, moments[WH_MOMENT_ACQUIRE_WAITED]),
    ROW(WinHttpConnectionAcquireEnd, moments[WH_MOMENT_ACQUIRED]),
    ROW(WinHttpNameResolutionStart, moments[WH_MOMENT_RESOLVE_BEGUN]),
    ROW(WinHttpNameResolutionEnd, moments[WH_MOMENT_RESOLVED]),
    ROW(WinHttpConnectionEstablishmentStart, moments[WH_MOMENT_CONNECT_BEGUN]),
    ROW(WinHttpConnectionEstablishmentEnd, moments[WH_MOMENT_CONNECTED]),
    ROW(WinHttpTlsHandshakeClientLeg1Start, tls.leg[0].begun_ns),
    ROW(WinHttpTlsHandshakeClientLeg1End, tls.leg[0].ended_ns),
    ROW(WinHttpTlsHandshakeClientLeg2Start, tls.leg[1].begun_ns),
    ROW(WinHttpTlsHandshakeClientLeg2End, tls.leg[1].ended_ns),
    ROW(WinHttpTlsHandshakeClientLeg3Start, tls.leg[2].begun_ns),
    ROW(WinHttpTlsHandshakeClientLeg3End, tls.leg[2].ended_ns),
    ROW(WinHttpSendRequestStart, moments[WH_MOMENT_ACQUIRED]),
    ROW(WinHttpSendRequestHeadersEnd, stream.head_sent_ns),
    ROW(WinHttpSendRequestEnd, moments[WH_MOMENT_SENT]),
    ROW(WinHttpReceiveResponseStart, stream.begun_ns),
    ROW(WinHttpReceiveResponseHeadersEnd, stream.head_ns),
    ROW(WinHttpReceiveResponseBodyDecompressionDelta, stream.decoding_ns),
    ROW(WinHttpReceiveResponseEnd, stream.end_ns),
    {0, NO_ROW},
};

static const struct row stats[] = {
    ROW(WinHttpConnectFailureCount, connect_failures),
    ROW(WinHttpTlsHandshakeClientLeg1Size, tls.leg[0].sent),
    ROW(WinHttpTlsHandshakeServerLeg1Size, tls.leg[0].received),
    ROW(WinHttpTlsHandshakeClientLeg2Size, tls.leg[1].sent),
    ROW(WinHttpTlsHandshakeServerLeg2Size, tls.leg[1].received),
    ROW(WinHttpRequestHeadersSize, stream.request_head),
    ROW(WinHttpResponseHeadersSize, stream.response_head),
    ROW(WinHttpResponseBodySize, stream.body),
    ROW(WinHttpResponseBodyCompressedSize, stream.coded_body),
    {0, NO_ROW},
};

/* The first so many entries; those without a row are 0. */
static void fill(const struct row *rows, const struct wh_account *account, ULONGLONG *out,
                 ULONG count)
{
    memset(out, 0, count * sizeof(*out));
    for (; rows->offset != NO_ROW; rows++) {
        if (rows->entry < count) {
            memcpy(&out[rows->entry], (const char *)account + rows->offset, sizeof(*out));
        }
    }
}

/* A program made for a later version may ask for more entries than there are. */
static ULONG at_most(ULONG count, ULONG last)
{
    return count < last ? count : last;
}

static int write_times(const struct wh_account *account, union report *report)
{
    WINHTTP_REQUEST_TIMES *out = &report->times;
    out->cTimes = at_most(out->cTimes, WinHttpRequestTimeLast);
    fill(times, account, out->rgullTimes, out->cTimes);
    return 0;
}

static int write_stats(const struct wh_account *account, union report *report)
{
    WINHTTP_REQUEST_STATS *out = &report->stats;
    bool is_acquired = account->moments[WH_MOMENT_ACQUIRED] != 0; /* and not refused */
    bool is_first = is_acquired && account->record && account->index == 0;
    out->ullFlags = (account->is_resumed ? WINHTTP_REQUEST_STAT_FLAG_TLS_SESSION_RESUMPTION : 0u) |
                    (is_first ? WINHTTP_REQUEST_STAT_FLAG_FIRST_REQUEST : 0u);
    out->ulIndex = account->index;
    out->cStats = at_most(out->cStats, WinHttpRequestStatLast);
    fill(stats, account, out->rgullStats, out->cStats);
    return 0;
}

/* H17 */
static int write_addresses(const struct wh_account *account, union report *report)
{
    WINHTTP_CONNECTION_INFO *out = &report->addresses;
    const struct wh_conn_record *record = account->record;
    if (!record || !record->has_addresses) {
        return ERROR_WINHTTP_INCORRECT_HANDLE_STATE;
    }
    memset(out, 0, sizeof(*out));
    out->cbSize = sizeof(*out);
    memcpy(&out->LocalAddress, &record->local.storage, record->local.len);
    memcpy(&out->RemoteAddress, &record->remote.storage, record->remote.len);
    return 0;
}

/* What is left of *left_ms, at most wanted_ms. */
static ULONG take_share(uint64_t *left_ms, uint64_t wanted_ms)
{
    uint64_t most_ms = wanted_ms < UINT32_MAX ? wanted_ms : UINT32_MAX;
    uint64_t share_ms = most_ms < *left_ms ? most_ms : *left_ms;
    *left_ms -= share_ms;
    return (ULONG)share_ms;
}

/* The system counts in ticks, which may be more than have gone by. */
static void share_time(const struct wh_tcp_info *tcp, TCP_INFO_v1 *out)
{
    uint64_t left_ms = out->ConnectionTimeMs;
    out->SndLimTimeRwin = take_share(&left_ms, tcp->window_limited_ms);
    out->SndLimTimeCwnd = take_share(&left_ms, tcp->congestion_limited_ms);
    out->SndLimTimeSnd = take_share(&left_ms, UINT32_MAX);
}

/* types.h says where each comes from. TCPSTATE has the order of enum wh_tcp_state. */
static int write_tcp(const struct wh_account *account, union report *report)
{
    TCP_INFO_v1 *out = &report->tcp;
    struct wh_tcp_info tcp;
    uint64_t lifetime_ms;
    if (!account->record) {
        return ERROR_WINHTTP_INCORRECT_HANDLE_STATE;
    }
    if (!wh_conn_record_get_tcp(account->record, &tcp, &lifetime_ms)) {
        return ERROR_NOT_SUPPORTED;
    }
    memset(out, 0, sizeof(*out));
    out->State = (TCPSTATE)tcp.state;
    out->Mss = tcp.mss;
    out->ConnectionTimeMs = lifetime_ms;
    out->TimestampsEnabled = tcp.has_timestamps;
    out->RttUs = tcp.rtt_us;
    out->MinRttUs = tcp.min_rtt_us;
    out->BytesInFlight = tcp.in_flight;
    out->Cwnd = tcp.congestion_window;
    out->SndWnd = tcp.send_window;
    out->RcvWnd = tcp.receive_window;
    out->RcvBuf = tcp.receive_buffer;
    out->BytesOut = tcp.sent;
    out->BytesIn = tcp.received;
    out->BytesRetrans = tcp.sent_again;
    out->TimeoutEpisodes = tcp.timeouts;
    share_time(&tcp, out);
    return 0;
}

/* Of the advanced ones, as Windows calls them: none. */
static int write_protocol(const struct wh_account *account, union report *report)
{
    (void)account;
    report->protocol = 0;
    return 0;
}

static const struct report_kind {
    DWORD option;
    DWORD len; /* in bytes */
    int (*write)(const struct wh_account *account, union report *report);
} kinds[] = {
    {WINHTTP_OPTION_HTTP_PROTOCOL_USED, sizeof(DWORD), write_protocol},
    {WINHTTP_OPTION_REQUEST_TIMES, sizeof(WINHTTP_REQUEST_TIMES), write_times},
    {WINHTTP_OPTION_REQUEST_STATS, sizeof(WINHTTP_REQUEST_STATS), write_stats},
    {WINHTTP_OPTION_CONNECTION_INFO, sizeof(WINHTTP_CONNECTION_INFO), write_addresses},
    {WINHTTP_OPTION_CONNECTION_STATS_V0, sizeof(TCP_INFO_v0), write_tcp},
    {WINHTTP_OPTION_CONNECTION_STATS_V1, sizeof(TCP_INFO_v1), write_tcp},
};

static const struct report_kind *find_kind(DWORD option)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].option == option) {
            return &kinds[i];
        }
    }
    return NULL;
}

int wh_report_query(DWORD option, struct wh_object *object, LPVOID buffer, LPDWORD bytes)
{
    const struct report_kind *kind = find_kind(option);
    union report report;
    struct wh_account account;
    int error = kind ? wh_value_check(kind->len, buffer, bytes) : ERROR_WINHTTP_INTERNAL_ERROR;
    if (error) {
        return error;
    }
    error = wh_request_get_account(wh_request_of(object), &account);
    if (error) {
        return error;
    }
    memcpy(&report, buffer, kind->len); /* the caller says how many entries it wants */
    error = kind->write(&account, &report);
    wh_account_finish(&account);
    return error ? error : wh_value_put(&report, kind->len, buffer, bytes);
}
