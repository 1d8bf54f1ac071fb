/* SPDX-License-Identifier: MIT */
/* In the place of public_suffix.c, without libpsl. */
#include "http/public_suffix.h"

#include <string.h>

bool wh_public_suffix_is(struct wh_slice domain)
{
    return domain.len == 0 || !memchr(domain.data, '.', domain.len);
}
