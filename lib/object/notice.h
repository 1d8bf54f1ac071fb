/* SPDX-License-Identifier: MIT */
/*
 * A notification on its way to the application. Small and of fixed size: nothing is allocated
 * between the event and the callback.
 */
#ifndef WH_OBJECT_NOTICE_H
#define WH_OBJECT_NOTICE_H

#include <stdint.h>

#include "object/settings.h"
#include "winhttp/constants.h"

enum wh_payload {
    WH_PAYLOAD_NONE,
    WH_PAYLOAD_DWORD,
    WH_PAYLOAD_TEXT, /* its length counts the NUL */
    WH_PAYLOAD_URL, /* text whose length does not */
    WH_PAYLOAD_HANDLE,
    WH_PAYLOAD_DATA,
    WH_PAYLOAD_RESULT
};

struct wh_notice {
    uint32_t status; /* WINHTTP_CALLBACK_STATUS_… */
    union {
        uint32_t dword;
        const char *text; /* UTF-8; lives until the notice has been delivered */
        struct {
            void *data; /* the application's own buffer */
            uint32_t len;
        } data;
        struct {
            uintptr_t api; /* API_… */
            uint32_t error;
            uint32_t cause; /* what the system said: a Windows Sockets number, or 0 */
        } result;
    } as;
};

/* A notice with all that the application's callback is called with. */
struct wh_delivery {
    wh_status_callback callback;
    uintptr_t handle;
    uintptr_t context;
    struct wh_notice notice;
};

/* Makes the call, with text as wide as the application's WCHAR. Given to objects by api. */
typedef void (*wh_presenter)(const struct wh_delivery *delivery);

/* The payload that goes with a status of notice.def. */
enum wh_payload wh_notice_payload(uint32_t status);
/* Its name in notice.def, "?" for what is not there; and the name of a result's API_… */
const char *wh_notice_name(uint32_t status);
const char *wh_notice_api_name(uintptr_t api);

#endif
