/* SPDX-License-Identifier: MIT */
/*
 * Challenges: what the fields WWW-Authenticate and Proxy-Authenticate list (RFC 9110, 11.6.1). Pure
 * functions.
 */
#ifndef WH_HTTP_CHALLENGE_H
#define WH_HTTP_CHALLENGE_H

#include <stdbool.h>

#include "base/text.h"

/*
 * Cuts everything up to the end of the next scheme's name and first parameter off *list, a field's
 * value, and gives the name, which lies in it. False: there are no more. What is no challenge is
 * passed over.
 */
bool wh_challenge_take_scheme(struct wh_slice *list, struct wh_slice *out);

#endif
