/* SPDX-License-Identifier: MIT */
/*
 * What a handle passes on to the handles made from it. A child begins with a copy of its parent's
 * settings; later changes on either side stay there. WinHttpSetStatusCallback's rules of inheritance
 * are this copy and nothing else.
 */
#ifndef WH_OBJECT_SETTINGS_H
#define WH_OBJECT_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

/* WINHTTP_STATUS_CALLBACK with its types spelled out. */
typedef void (*wh_status_callback)(void *handle, uintptr_t context, uint32_t status, void *info,
                                   uint32_t info_len);

struct wh_settings {
    wh_status_callback callback;
    uint32_t notification_mask;
    uintptr_t context;

    /* Milliseconds; 0 and 0xFFFFFFFF mean no limit. */
    uint32_t resolve_ms;
    uint32_t connect_ms;
    uint32_t send_ms;
    uint32_t receive_ms;
    uint32_t receive_response_ms;

    uint32_t http_version; /* that requests speak unless they say which; 0: as the process says */
    uint32_t connect_retries;
    uint32_t max_conns_per_server; /* 0xFFFFFFFF means no limit, 0 means 2 */
    uint32_t max_conns_per_1_0_server;
    uint32_t ipv6_fast_fallback;
    struct {
        bool is_on;
        uint32_t idle_ms;
        uint32_t interval_ms;
    } keepalive; /* TCP's; all 0 when it is off */
    struct {
        uint32_t max;
        uint32_t conditions; /* WINHTTP_CONNECTION_RETRY_CONDITION_… */
    } retries;
    uint32_t disabled_features; /* WINHTTP_DISABLE_… */
    uint32_t enabled_features; /* WINHTTP_ENABLE_… */
    uint32_t secure_protocols; /* WINHTTP_FLAG_SECURE_PROTOCOL_…; 0: the library's default */
    uint32_t security_flags; /* SECURITY_FLAG_IGNORE_… */
    uint32_t ignore_revocation_offline; /* when nobody says whether a certificate is revoked */
    uint32_t redirect_policy; /* WINHTTP_OPTION_REDIRECT_POLICY_… */
    uint32_t max_redirects;
    uint32_t max_status_continue;
    uint32_t max_response_header_size;
    uint32_t max_response_drain_size;
    uint32_t decompression; /* WINHTTP_DECOMPRESSION_FLAG_… */
    uint32_t disable_global_pooling;
    uint32_t reject_user_info; /* in the URLs of redirects */
    /* Accepted, and without effect. */
    uint32_t assured_non_blocking_callbacks; /* a callback that blocks stops nobody else anyway */
    uint32_t disable_secure_protocol_fallback; /* there is none anyway */
    uint32_t insecure_fallback; /* nor is there if it may be */
    uint32_t tls_false_start; /* nor this */
    uint32_t read_buffer_size;
    uint32_t write_buffer_size;
    uint32_t request_priority;
};

/* With the values that option.def gives. */
void wh_settings_init(struct wh_settings *settings);

#endif
