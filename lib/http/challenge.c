/* SPDX-License-Identifier: MIT */

#include "http/challenge.h"

#include "http/head.h"

/* How long the first element is: up to a comma that is not inside a quoted string. */
static size_t element_len(struct wh_slice list)
{
    bool is_quoted = false;
    size_t at = 0;
    for (; at < list.len && (is_quoted || list.data[at] != ','); at++) {
        if (list.data[at] == '"') {
            is_quoted = !is_quoted;
        } else if (is_quoted && list.data[at] == '\\') {
            at++;
        }
    }
    return at < list.len ? at : list.len;
}

static struct wh_slice take_element(struct wh_slice *list)
{
    size_t len = element_len(*list);
    struct wh_slice element = wh_slice_trim(wh_slice_of(list->data, len));
    size_t cut = len < list->len ? len + 1 : len;
    *list = wh_slice_of(list->data + cut, list->len - cut);
    return element;
}

static size_t name_len(struct wh_slice element)
{
    size_t len = 0;
    while (len < element.len && element.data[len] != ' ' && element.data[len] != '\t' &&
           element.data[len] != '=') {
        len++;
    }
    return len;
}

/*
 * An element begins a challenge, "scheme", "scheme name=value" or "scheme token68", or is a further
 * parameter of the one before it, "name=value", blanks around the '=' allowed.
 */
static bool begins_challenge(struct wh_slice element, size_t len)
{
    struct wh_slice rest = wh_slice_trim(wh_slice_of(element.data + len, element.len - len));
    return wh_head_is_name(wh_slice_of(element.data, len)) &&
           (rest.len == 0 || rest.data[0] != '=');
}

bool wh_challenge_take_scheme(struct wh_slice *list, struct wh_slice *out)
{
    while (list->len) {
        struct wh_slice element = take_element(list);
        size_t len = name_len(element);
        if (begins_challenge(element, len)) {
            *out = wh_slice_of(element.data, len);
            return true;
        }
    }
    return false;
}
