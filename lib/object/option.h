/* SPDX-License-Identifier: MIT */
/* The table of options: which there are, on which handles, and where their values are kept. */
#ifndef WH_OBJECT_OPTION_H
#define WH_OBJECT_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "object/object.h"

/* Kinds of handle as bits; the process is the NULL handle. */
enum { WH_ON_SESSION = 1, WH_ON_CONNECT = 2, WH_ON_REQUEST = 4, WH_ON_PROCESS = 8 };

/* The value is not a field of the settings. */
#define WH_OPTION_ELSEWHERE SIZE_MAX

struct wh_option {
    uint32_t number; /* WINHTTP_OPTION_…, WINHTTP_POSIX_OPTION_… */
    unsigned settable_on;
    unsigned queryable_on;
    size_t offset; /* in struct wh_settings */
    uint32_t most; /* what a value may be at most, */
    uint32_t bits; /* and the bits that it may have */
};

/* NULL when there is none of that number, or one that is refused. */
const struct wh_option *wh_option_find(uint32_t number);

/* Whether an option of that number is for the NULL handle. */
bool wh_option_is_of_process(uint32_t number);

/*
 * 0 or what WinHttpSetOption and WinHttpQueryOption answer for that option on that object; NULL is the
 * process.
 */
int wh_option_check_set(const struct wh_option *option, const struct wh_object *object);
int wh_option_check_query(const struct wh_option *option, const struct wh_object *object);

/*
 * Options that are fields of the settings. ERROR_INVALID_PARAMETER for a value that is not allowed. A
 * connect handle shows what its session says now.
 */
int wh_option_set(const struct wh_option *option, struct wh_object *object, uint32_t value);
uint32_t wh_option_get(const struct wh_option *option, struct wh_object *object);

#endif
