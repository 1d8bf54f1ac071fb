/* SPDX-License-Identifier: MIT */
#include "object/notice.h"

#include <stddef.h>

static const struct {
    uint32_t status;
    const char *name;
    enum wh_payload payload;
} notices[] = {
#define WH_NOTICE(name, kind) {WINHTTP_CALLBACK_STATUS_##name, #name, WH_PAYLOAD_##kind},
#include "object/notice.def"
#undef WH_NOTICE
};

enum { NOTICES = sizeof(notices) / sizeof(notices[0]) };

static size_t find_notice(uint32_t status)
{
    size_t row = 0;
    while (row < NOTICES && notices[row].status != status) {
        row++;
    }
    return row;
}

enum wh_payload wh_notice_payload(uint32_t status)
{
    size_t row = find_notice(status);
    return row < NOTICES ? notices[row].payload : WH_PAYLOAD_NONE;
}

const char *wh_notice_name(uint32_t status)
{
    size_t row = find_notice(status);
    return row < NOTICES ? notices[row].name : "?";
}

const char *wh_notice_api_name(uintptr_t api)
{
    static const char *const names[] = {
        [0] = "?",
        [API_RECEIVE_RESPONSE] = "ReceiveResponse",
        [API_QUERY_DATA_AVAILABLE] = "QueryDataAvailable",
        [API_READ_DATA] = "ReadData",
        [API_WRITE_DATA] = "WriteData",
        [API_SEND_REQUEST] = "SendRequest",
    };
    return names[api < sizeof(names) / sizeof(names[0]) ? api : 0];
}
