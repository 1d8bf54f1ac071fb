/* SPDX-License-Identifier: MIT */
/*
 * Server names: which ones there are, and the form they have in URLs, in which they are kept. Pure
 * functions on bytes.
 */
#ifndef WH_HTTP_HOST_H
#define WH_HTTP_HOST_H

#include "base/buffer.h"
#include "base/text.h"

/*
 * Appends a server's name as it stands in a URL: a name as it is given; an IPv6 address in brackets,
 * which it may have already, with "%25" before its zone. ERROR_WINHTTP_INVALID_URL for what is neither
 * a name in ASCII nor an address; ERROR_NOT_ENOUGH_MEMORY. Then *out is as before.
 */
int wh_host_append(struct wh_slice given, struct wh_buffer *out);

#endif
