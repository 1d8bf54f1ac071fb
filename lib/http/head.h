/* SPDX-License-Identifier: MIT */
/*
 * A message head: a start line and fields in order (RFC 9112, 2.1). Names and values are UTF-8 text
 * as they go over the wire; names compare without regard to ASCII case. One owner, no lock.
 */
#ifndef WH_HTTP_HEAD_H
#define WH_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/text.h"

/* Offsets into wh_head.text; values have no blanks at either end. */
struct wh_field {
    size_t name;
    size_t name_len;
    size_t value;
    size_t value_len;
    bool is_latin; /* received as ISO-8859-1 */
};

/* All zero is a valid, empty head. Either side of the start line is used, not both. */
struct wh_head {
    struct wh_buffer text; /* names and values, and some that were removed */
    struct wh_field *fields;
    size_t count;
    size_t cap;
    /* Responses. */
    unsigned status;
    unsigned major;
    unsigned minor;
    struct {
        size_t at;
        size_t len;
    } reason; /* in text */
};

enum wh_head_change {
    WH_HEAD_ADD, /* append another field */
    WH_HEAD_ADD_IF_NEW, /* ERROR_WINHTTP_HEADER_ALREADY_EXISTS when the name is there */
    WH_HEAD_REPLACE, /* the first of that name, in place; empty value removes it;
                           ERROR_WINHTTP_HEADER_NOT_FOUND when absent */
    WH_HEAD_SET, /* replace the first or, if absent, add; an empty value removes */
    WH_HEAD_COMMA, /* append ", value" to the first of that name, or add */
    WH_HEAD_SEMICOLON /* the same with "; value" */
};

void wh_head_finish(struct wh_head *head);
/* Empty again, memory kept. */
void wh_head_clear(struct wh_head *head);
int wh_head_copy(struct wh_head *to, const struct wh_head *from);

/* Whether text may be a field name: a token of at least one byte (RFC 9110, 5.6.2). */
bool wh_head_is_name(struct wh_slice text);

/*
 * 0, ERROR_NOT_ENOUGH_MEMORY or as the change says. Does not judge the text; see wh_head_parse.
 * name and value must not lie in the head's own text.
 */
int wh_head_change(struct wh_head *head, enum wh_head_change change, struct wh_slice name,
                   struct wh_slice value);

/*
 * Splits text into "name: value" lines separated by any run of CR and LF and applies change to each.
 * ERROR_INVALID_PARAMETER, and nothing changed, when any line is not a field: no colon, empty name,
 * blank before the name or before the colon, a name with bytes that are no token, NUL in a value.
 * On any other error the lines before the one that failed have been applied.
 */
int wh_head_parse(struct wh_head *head, enum wh_head_change change, struct wh_slice text);

/*
 * The same for bytes that came over the network: appends a field, or sets the reason phrase. Bytes
 * beyond ASCII are kept; if they are no UTF-8 they are taken as ISO-8859-1 and stored as UTF-8.
 * 0 or ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_head_add_received(struct wh_head *head, struct wh_slice name, struct wh_slice value);
int wh_head_set_reason_received(struct wh_head *head, struct wh_slice reason);

struct wh_slice wh_head_name(const struct wh_head *head, size_t at);
struct wh_slice wh_head_value(const struct wh_head *head, size_t at);

/* The index-th (from 0) field of that name; false, with *out_at untouched, if there is none. */
bool wh_head_find(const struct wh_head *head, struct wh_slice name, size_t index, size_t *out_at);

/* Appends a value as it went, or will go, over the network. ERROR_NOT_ENOUGH_MEMORY. */
int wh_head_write_wire(const struct wh_head *head, size_t at, struct wh_buffer *out);

/* The first value of that name; an empty slice with data NULL when absent. */
struct wh_slice wh_head_get(const struct wh_head *head, const char *name);

/* Cuts the first comma-separated element off *list, without blanks around it; it may be empty. */
struct wh_slice wh_head_take_element(struct wh_slice *list);

/* Whether any field of that name lists token among its comma-separated elements, any case. */
bool wh_head_has_token(const struct wh_head *head, const char *name, const char *token);

/* Removes every field of that name. */
void wh_head_remove_all(struct wh_head *head, const char *name);
/* Removes one field; those behind it move up. Slices of names and values may end with it. */
void wh_head_remove(struct wh_head *head, size_t at);
/* Cuts len bytes out of a value, which stays even if nothing is left of it. */
void wh_head_cut(struct wh_head *head, size_t at, size_t from, size_t len);

struct wh_slice wh_head_reason(const struct wh_head *head);

/* "HTTP/1.1 200 OK" of a response head, appended; without a reason nothing follows the status. */
int wh_head_write_status_line(const struct wh_head *head, struct wh_buffer *out);
/* "name: value" CR LF of every field, appended; no empty line at the end. */
int wh_head_write_fields(const struct wh_head *head, struct wh_buffer *out);

#endif
