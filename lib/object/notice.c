/* SPDX-License-Identifier: MIT */
#include "object/notice.h"

#include <stddef.h>

static const struct {
    uint32_t status;
    enum wh_payload payload;
} notices[] = {
#define WH_NOTICE(name, kind) {WINHTTP_CALLBACK_STATUS_##name, WH_PAYLOAD_##kind},
#include "object/notice.def"
#undef WH_NOTICE
};

enum wh_payload wh_notice_payload(uint32_t status)
{
    for (size_t i = 0; i < sizeof(notices) / sizeof(notices[0]); i++) {
        if (notices[i].status == status) {
            return notices[i].payload;
        }
    }
    return WH_PAYLOAD_NONE;
}
