/* SPDX-License-Identifier: MIT */
#include "client/version.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "object/object.h"

static const char text_1_0[] = "HTTP/1.0";
static const char text_1_1[] = "HTTP/1.1";

static atomic_uint process_version = WH_VERSION_1_1;

void wh_version_set_process(uint32_t version)
{
    atomic_store(&process_version, version);
}

uint32_t wh_version_of(struct wh_object *object)
{
    uint32_t own = object ? WH_SETTING(object, http_version) : 0;
    return own ? own : atomic_load(&process_version);
}

const char *wh_version_text(uint32_t version)
{
    return version == WH_VERSION_1_0 ? text_1_0 : text_1_1;
}

uint32_t wh_version_parse(const char *text)
{
    return strcmp(text, text_1_0) == 0 ? WH_VERSION_1_0 : WH_VERSION_1_1;
}
