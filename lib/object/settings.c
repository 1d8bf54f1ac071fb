/* SPDX-License-Identifier: MIT */
#include "object/settings.h"

#include <string.h>

#include "winhttp/constants.h"

void wh_settings_init(struct wh_settings *settings)
{
    memset(settings, 0, sizeof(*settings));
#define WH_OPTION(name, type, settable, queryable, initial, allowed, field, what)                  \
    settings->field = initial;
#include "object/option.def"
}
