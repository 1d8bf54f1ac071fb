/* SPDX-License-Identifier: MIT */
/* The table of options: which there are, on which handles, and where their values are kept. */
#ifndef WH_OBJECT_OPTION_H
#define WH_OBJECT_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "object/object.h"

enum wh_option_type { WH_OPTION_DWORD, WH_OPTION_POINTER, WH_OPTION_TEXT, WH_OPTION_STRUCT };

/* Kinds of handle as bits; the process is the NULL handle. */
enum { WH_ON_SESSION = 1, WH_ON_CONNECT = 2, WH_ON_REQUEST = 4, WH_ON_PROCESS = 8 };

/* The value is not a field of the settings. */
#define WH_OPTION_ELSEWHERE SIZE_MAX

struct wh_option {
    uint32_t number; /* WINHTTP_OPTION_… */
    enum wh_option_type type;
    unsigned settable_on;
    unsigned queryable_on;
    size_t offset; /* in struct wh_settings */
};

/* NULL when there is none of that number. */
const struct wh_option *wh_option_find(uint32_t number);

/* Whether an option of that number is for the NULL handle. */
bool wh_option_is_of_process(uint32_t number);

/*
 * 0 or what WinHttpSetOption and WinHttpQueryOption answer for that option on that object; NULL is the
 * process.
 */
int wh_option_check_set(const struct wh_option *option, const struct wh_object *object);
int wh_option_check_query(const struct wh_option *option, const struct wh_object *object);

/* Options that are fields of the settings. A connect handle shows what its session says now. */
void wh_option_set_dword(const struct wh_option *option, struct wh_object *object, uint32_t value);
uint32_t wh_option_get_dword(const struct wh_option *option, struct wh_object *object);

#endif
