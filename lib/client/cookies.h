/* SPDX-License-Identifier: MIT */
/*
 * Cookies of one leg: from the session's jar into its question, and from its response into the jar.
 * The Cookie field that goes out has the application's own cookies in front and the jar's behind;
 * the jar's are taken out again before anything else is asked. Under the step lock.
 */
#ifndef WH_CLIENT_COOKIES_H
#define WH_CLIENT_COOKIES_H

#include <stddef.h>

#include "base/buffer.h"

struct wh_cookie_jar;
struct wh_head;
struct wh_object;
struct wh_question;

/* What a question remembers of the jar's cookies in its Cookie field. All zero: there are none. */
struct wh_cookies {
    struct wh_buffer sent; /* the whole value; len 0 for nothing */
    size_t own_len; /* so much of it is the application's */
};

void wh_cookies_finish(struct wh_cookies *cookies);

/*
 * Makes the question's Cookie field anew, one for all cookies (I5). jar may be NULL; the settings of
 * object say whether it is used. ERROR_NOT_ENOUGH_MEMORY, then only the application's are there.
 */
int wh_cookies_add(struct wh_question *question, struct wh_object *object,
                   struct wh_cookie_jar *jar);

/* Takes the jar's cookies out, unless the application has put something else in their place. */
void wh_cookies_take_back(struct wh_question *question);

/*
 * Puts what the final response sets into the jar. ERROR_NOT_ENOUGH_MEMORY: not all of it.
 */
int wh_cookies_keep(const struct wh_question *question, struct wh_object *object,
                    struct wh_cookie_jar *jar, const struct wh_head *response);

#endif
